"""Lines as witnesses speak and as documents write, with places for what changes.

Here: Burmese and English side by side; {count}, {person} and the like are filled by generate.py, alike on both sides.
Not here: sentences composed from words (wording.py, generate.py).
"""

# {Count} is a number that opens an English sentence.
SPOKEN = """
ကျွန်တော့်{kin}ကို ဖမ်းသွားတယ်။|They arrested my {kin}.
ကျွန်မ{kin}ကို ခေါ်သွားကြတယ်။|They took my {kin} away.
ကျွန်တော့်{kin}ကို သူတို့ သတ်ပစ်လိုက်တယ်။|They killed my {kin}.
ကျွန်မရဲ့{kin} ဆုံးသွားပြီ။|My {kin} has died.
ကျွန်မ{kin} အသက် {count} နှစ်ပဲ ရှိသေးတယ်။|My {kin} is only {count} years old.
ကျွန်တော့်{kin} ပြန်မလာတော့ဘူး။|My {kin} never came back.
ကျွန်မ{kin} အခု ဘယ်မှာလဲ မသိရသေးဘူး။|I still do not know where my {kin} is now.
ကျွန်တော်က {kin}နဲ့အတူ နေပါတယ်။|I live with my {kin}.
ကျွန်တော့်{kin} ထောင်ထဲမှာ ရှိနေတုန်းပဲ။|My {kin} is still in prison.
နာမည်က {person}ပါ။|My name is {person}.
ကျွန်တော့်နာမည်က {person} ဖြစ်ပါတယ်။|My name is {person}.
ကျွန်မက {person}ရဲ့ {kin}ပါ။|I am the {kin} of {person}.
ကျွန်မ အသက် {count} နှစ်ပါ။|I am {count} years old.
ကျွန်တော် အသက် {count} နှစ် ရှိပြီ။|I am {count} years old.
ကျွန်တော် {village}မှာ မွေးတယ်။|I was born in {village}.
ကျွန်မ {village}မှာ နေပါတယ်။|I live in {village}.
ကျွန်တော်တို့ {village}ကနေ ထွက်ပြေးလာတာပါ။|We fled from {village}.
ကျွန်မတို့ရွာက {place}မှာ ရှိပါတယ်။|Our village is in {place}.
ကျွန်တော်က လယ်သမားပါ။|I am a farmer.
ကျွန်မက ဆရာမပါ။|I am a teacher.
ကျွန်တော် ဆရာဝန် မဟုတ်ပါဘူး။|I am not a doctor.
ကျွန်မမှာ ကလေး {count} ယောက် ရှိပါတယ်။|I have {count} children.
အဲဒီအချိန်က ကျွန်တော် အိမ်မှာပါ။|I was at home at that time.
အဲဒီတုန်းက ကျွန်မ ဈေးမှာ ရှိနေတယ်။|I was at the market at the time.
ကျွန်တော် ထမင်းစားနေတုန်း သေနတ်သံတွေ ကြားရတယ်။|I heard gunshots while I was eating.
သေနတ်သံ {count} ချက်လောက် ကြားလိုက်တယ်။|I heard about {count} gunshots.
ပေါက်ကွဲသံကြီး ကြားလိုက်တယ်။|I heard a loud explosion.
လက်နက်ကြီး {count} လုံး ကျတယ်။|{Count} shells fell.
လက်နက်ကြီးက ဆေးရုံပေါ် ကျတယ်။|The shell fell on the hospital.
ဗုံးက ကျောင်းပေါ်ကို ကျသွားတယ်။|The bomb fell on the school.
လေယာဉ် {count} စင်း လာပြီး ဗုံးကြဲတယ်။|{Count} planes came and dropped bombs.
လေယာဉ်သံကြားတော့ ကျွန်တော်တို့ ကျင်းထဲ ဆင်းပုန်းတယ်။|When we heard the plane we hid in the trench.
စစ်သားတွေ ရွာထဲ ဝင်လာပြီး အိမ်တွေကို မီးရှို့တယ်။|The soldiers came into the village and burned houses.
စစ်တပ်က ရွာကို ဝိုင်းထားတယ်။|The military surrounded the village.
သူတို့ {clock} ရောက်လာတယ်။|They arrived {clock}.
စစ်သား {count} ယောက်လောက် ပါတယ်။|There were about {count} soldiers.
ကား {count} စီးနဲ့ လာကြတယ်။|They came in {count} vehicles.
သူတို့ ရွာမှာ {count} ရက် နေတယ်။|They stayed in the village for {count} days.
သူတို့က အရပ်ဝတ်တွေနဲ့ပါ။|They were in plain clothes.
သူတို့မှာ သေနတ်တွေ ပါတယ်။|They had guns.
သူတို့ မျက်နှာဖုံး တပ်ထားတယ်။|They wore masks.
သူတို့ ဗမာလို ပြောတယ်။|They spoke Burmese.
သူတို့ ဘာမှ မပြောဘူး။|They said nothing.
သူတို့ မေးတာက လက်နက်တွေ ဘယ်မှာလဲတဲ့။|They asked where the weapons were.
လူတွေကို တန်းစီခိုင်းတယ်။|They made people line up.
ယောက်ျားတွေနဲ့ မိန်းမတွေကို ခွဲထားတယ်။|They separated the men from the women.
လက်ကို ကြိုးတုပ်ပြီး မျက်စိကို အဝတ်စည်းထားတယ်။|Hands were tied and eyes were blindfolded.
ကျွန်တော့်ကို {count} ရက် ရိုက်တယ်။|They beat me for {count} days.
ကျွန်တော့်ကို ရဲစခန်းမှာ {count} ရက် ချုပ်ထားတယ်။|I was held at the police station for {count} days.
သူ့ကို စစ်ကြောရေးစခန်းကို ခေါ်သွားတယ်။|He was taken to an interrogation centre.
သူ့ကို {date} ဖမ်းသွားတာပါ။|He was arrested {date}.
သူမကို {date} ပြန်လွှတ်ပေးတယ်။|She was released {date}.
သူ ထောင်ဒဏ် {count} နှစ် ကျတယ်။|He was sentenced to {count} years in prison.
သူ့ခြေထောက်ကို ကျည်ထိတယ်။|He was shot in the leg.
သူ့ကျောမှာ ဒဏ်ရာတွေ ရှိတယ်။|There were wounds on his back.
သူ့ခန္ဓာကိုယ်မှာ အညိုအမည်းတွေ တွေ့ရတယ်။|There were bruises on his body.
သူ ဆေးရုံမှာ ဆုံးသွားတယ်။|He died in hospital.
သူ သွေးထွက်လွန်ပြီး သေသွားတယ်။|He bled to death.
အလောင်း {count} လောင်း ရှာတွေ့တယ်။|We found {count} bodies.
အလောင်းကို မိသားစုဆီ ပြန်မပေးဘူး။|They did not return the body to the family.
အလောင်းတွေကို မီးရှို့ပစ်လိုက်တယ်။|They burned the bodies.
အလောင်းတွေကို {village}နားမှာ မြှုပ်တယ်။|We buried the bodies near {village}.
မီးလောင်ထားတဲ့ အလောင်းတွေ တွေ့တယ်။|We found burned bodies.
တစ်ရွာလုံး ထွက်ပြေးကြရတယ်။|The whole village had to flee.
ကျွန်တော်တို့ တောထဲမှာ ပုန်းနေရတယ်။|We had to hide in the forest.
တောထဲမှာ {count} ရက် နေခဲ့ရတယ်။|We had to stay in the forest for {count} days.
အိမ် {count} လုံး မီးထဲပါသွားတယ်။|{Count} houses were lost in the fire.
ကျွန်မတို့အိမ် မီးလောင်သွားပြီ။|Our house has burned down.
ဘာမှ မကျန်တော့ဘူး။|Nothing is left.
စားစရာ မရှိတော့ဘူး။|There is no food left.
သောက်ရေ မရှိဘူး။|There is no drinking water.
ဆေးဝါး မလုံလောက်ဘူး။|There is not enough medicine.
ကလေးတွေ ဖျားနေတယ်။|The children are ill.
ကျွန်တော်တို့ အကူအညီ လိုတယ်။|We need help.
အိမ်ပြန်ချင်တယ်။|I want to go home.
ရွာကို ပြန်ဖို့ မဝံ့ဘူး။|We do not dare to return to the village.
လမ်းမှာ မိုင်းတွေ ရှိတယ်။|There are mines on the road.
လမ်းကို ပိတ်ထားတယ်။|The road is blocked.
တံတား ပျက်သွားတယ်။|The bridge was destroyed.
အင်တာနက် မရဘူး။|There is no internet.
မီး ပြတ်နေတယ်။|The electricity is cut off.
ပိုက်ဆံ ကျပ် {count} သိန်း တောင်းတယ်။|They demanded {count} hundred thousand kyats.
ပိုက်ဆံ မပေးရင် သတ်မယ်လို့ ခြိမ်းခြောက်တယ်။|They threatened to kill us if we did not pay.
ကျွန်တော် ကိုယ်တိုင် တွေ့ခဲ့တာပါ။|I saw it with my own eyes.
ကျွန်မ ကိုယ်တိုင် မတွေ့ခဲ့ဘူး။|I did not see it myself.
တခြားသူတွေဆီက ကြားတာပါ။|I heard it from other people.
ဘယ်သူ လုပ်တာလဲ မသိဘူး။|I do not know who did it.
ဘာကြောင့်လဲ မသိပါဘူး။|I do not know why.
ဟုတ်ပါတယ်။|Yes.
မဟုတ်ပါဘူး။|No, it is not.
သေချာပါတယ်။|I am sure.
မသေချာပါဘူး။|I am not sure.
မမှတ်မိတော့ပါဘူး။|I no longer remember.
ကျေးဇူးတင်ပါတယ်။|Thank you.
ဘာဖြစ်ခဲ့တာလဲ။|What happened?
ဘယ်တုန်းကလဲ။|When was it?
ဘယ်မှာလဲ။|Where is it?
ဘယ်သူ ပစ်တာလဲ။|Who fired?
ဘယ်တပ်ကလဲ။|Which unit?
ဘယ်နှစ်ယောက် သေသလဲ။|How many people died?
ဘယ်နှစ်ယောက် ပါသလဲ။|How many people were involved?
သူ့နာမည် ဘယ်သူလဲ။|What is his name?
သူတို့က {unit}ကပါ။|They were from {unit}.
အင်္ကျီလက်မောင်းမှာ {unit} တံဆိပ် ပါတယ်။|There was a badge of {unit} on the sleeve.
စစ်ကြောင်းကို {person}က ဦးဆောင်တယ်။|The column was led by {person}.
အမိန့်ပေးတာက {person}ပါ။|It was {person} who gave the order.
{person}က အမိန့်ပေးခဲ့တယ်။|{person} gave the order.
{unit} တပ်ရင်းမှူး {person}က အမိန့်ပေးခဲ့သည်။|{person}, commander of {unit}, gave the order.
{person}ကို ကျွန်တော် သိပါတယ်။|I know {person}.
{person}ကို မတွေ့တော့ဘူး။|{person} has not been seen again.
{person}နဲ့ {person2} သေသွားတယ်။|{person} and {person2} died.
{person}ကို {date} {place}မှာ ဖမ်းသွားတယ်။|{person} was arrested in {place} {date}.
{village}ကို {date} မီးရှို့တယ်။|They burned {village} {date}.
{village}မှာ လူ {count} ယောက် သေတယ်။|{Count} people died in {village}.
{village}ကနေ {village2}ကို ပြေးရတယ်။|We had to run from {village} to {village2}.
စစ်ကြောင်းက {village}ကို {clock} ရောက်လာတယ်။|The column arrived at {village} {clock}.
ဒါက {village}မှာ ရိုက်ထားတဲ့ ဗီဒီယိုပါ။|This is a video filmed in {village}.
ဒီဓာတ်ပုံတွေကို {date} ရိုက်ထားတာပါ။|These photographs were taken {date}.
ကျွန်တော့်ဖုန်းနံပါတ်က {phone} ပါ။|My phone number is {phone}.
ကျွန်မနာမည်ကို မသုံးပါနဲ့။|Please do not use my name.
သက်သေပြဖို့ အဆင်သင့်ပါပဲ။|I am ready to testify.
မလှုပ်နဲ့။|Do not move.
မပြေးနဲ့။|Do not run.
ထွက်လာ။|Come out.
ပစ်။|Fire.
မြန်မြန်လုပ်။|Hurry up.
အားလုံးကို ဖမ်း။|Arrest everyone.
အိမ်တွေ အကုန် မီးရှို့။|Burn all the houses.
"""

WRITTEN = """
အတွင်းရေး|CONFIDENTIAL
လျှို့ဝှက်|SECRET
အလွန်လျှို့ဝှက်|TOP SECRET
ကန့်သတ်|RESTRICTED
အမြန်|URGENT
အမိန့်|Order
အမိန့်စာ|Written order
ညွှန်ကြားချက်|Directive
အစီရင်ခံစာ|Report
ထောက်လှမ်းရေး အစီရင်ခံစာ|Intelligence report
စစ်ဆင်ရေး အစီရင်ခံစာ|Operations report
နေ့စဉ် အစီရင်ခံစာ|Daily report
အပတ်စဉ် အစီရင်ခံစာ|Weekly report
အစည်းအဝေး မှတ်တမ်း|Minutes of the meeting
ထွက်ဆိုချက်|Statement
မျက်မြင်သက်သေ ထွက်ဆိုချက်|Eyewitness statement
ဆေးမှတ်တမ်း|Medical record
သေစာရင်း|Death certificate
သေဆုံးသူ စာရင်း|List of the dead
ဒဏ်ရာရသူ စာရင်း|List of the injured
ဖမ်းဆီးခံရသူများ စာရင်း|List of those arrested
ပျောက်ဆုံးသူများ စာရင်း|List of the missing
ဓာတ်ပုံ မှတ်တမ်း|Photographic record
အကြောင်းအရာ၊ {subject}|Subject: {subject}
အကြောင်းအရာ။ {subject}|Subject: {subject}
အကြောင်းအရာ - {subject}|Subject: {subject}
ရက်စွဲ၊ {day}|Date: {day}
ရက်စွဲ - {day}|Date: {day}
{day} ရက်စွဲပါ အမိန့်|Order dated {day}
သို့၊ {unit} တပ်ရင်းမှူး|To: Commander, {unit}
သို့ - {unit}|To: {unit}
မှ၊ {unit}|From: {unit}
မှ - {unit} တပ်ရင်းမှူးရုံး|From: Office of the Commander, {unit}
မိတ္တူ - {unit}|Copy: {unit}
စာအမှတ် {count}/{count2}|Letter No. {count}/{count2}
စာအမှတ်၊ {count}|Letter No. {count}
အမိန့်အမှတ် - {count}|Order No. {count}
ရည်ညွှန်းချက် - {day} ရက်စွဲပါ စာအမှတ် {count}|Reference: Letter No. {count} dated {day}
အမည် - {person}|Name: {person}
အမည်၊ {person}|Name: {person}
အဘအမည် - {person}|Father's name: {person}
အဆင့် - {rank}|Rank: {rank}
ကိုယ်ပိုင်အမှတ် - {count}|Personal number: {count}
အသက် - {count} နှစ်|Age: {count} years
နေရပ် - {place}|Address: {place}
ဖုန်း - {phone}|Phone: {phone}
ဖုန်းနံပါတ် {phone}|Phone number {phone}
တပ် - {unit}|Unit: {unit}
ရာထူး - တပ်ရင်းမှူး|Position: battalion commander
လက်မှတ်|Signature
သက်သေ|Witness
တပ်ရင်းမှူး|Battalion commander
တိုင်းမှူး|Regional commander
မြို့နယ်ရဲတပ်ဖွဲ့မှူးရုံး|Office of the township police chief
မြို့နယ်အထွေထွေအုပ်ချုပ်ရေးဦးစီးဌာန|Township General Administration Department
ပြည်ထောင်စုသမ္မတမြန်မာနိုင်ငံတော်|Republic of the Union of Myanmar
{unit} သည် {day} တွင် {place}သို့ ထွက်ခွာရမည်။|{unit} must leave for {place} on {day}.
{unit} သည် {village}ကို ရှင်းလင်းရမည်။|{unit} must clear {village}.
{unit} သည် {village}အနီးတွင် စခန်းချရမည်။|{unit} must set up camp near {village}.
{unit} သည် {place}တွင် တပ်စွဲထားသည်။|{unit} is stationed in {place}.
{unit}၏ တပ်ရင်းမှူးမှာ {person} ဖြစ်သည်။|The commander of {unit} is {person}.
{person}သည် {unit} တပ်ရင်းမှူး ဖြစ်သည်။|{person} is the commander of {unit}.
{person}အား {unit} တပ်ရင်းမှူးအဖြစ် တာဝန်ပေးအပ်သည်။|{person} is appointed commander of {unit}.
{person}အား {day} မှစ၍ ရာထူးမှ ရပ်ဆိုင်းသည်။|{person} is suspended from office as of {day}.
စစ်ကြောင်းမှူး {person} ဦးဆောင်သော စစ်ကြောင်းသည် {village}သို့ ဝင်ရောက်ခဲ့သည်။|The column led by column commander {person} entered {village}.
စစ်ကြောင်းသည် {village}သို့ {clock} ရောက်ရှိခဲ့သည်။|The column reached {village} {clock}.
စစ်ကြောင်းသည် {village}မှ {village2}သို့ ချီတက်ခဲ့သည်။|The column advanced from {village} to {village2}.
ရွာကို မီးရှို့ရန် အမိန့်ပေးသည်။|The order is given to burn the village.
{village}ကို မီးရှို့ရန် အမိန့်ပေးခဲ့သည်။|An order was given to burn {village}.
သံသယရှိသူ အားလုံးကို ဖမ်းဆီးရမည်။|All suspects must be arrested.
တွေ့သမျှ ပစ်သတ်ရမည်။|Anyone seen must be shot dead.
အကျဉ်းသားများကို ပြောင်းရွှေ့ရန် ညွှန်ကြားသည်။|The transfer of the prisoners is ordered.
အမိန့်မနာခံသူများကို အရေးယူမည်။|Action will be taken against those who disobey orders.
ဤအမိန့်ကို ဖတ်ပြီးနောက် ဖျက်ဆီးရမည်။|This order must be destroyed after reading.
လက်နက်ကြီး အသုံးပြုခွင့် ပေးသည်။|Permission is given to use heavy weapons.
လေကြောင်းပစ်ကူ တောင်းခံပါသည်။|Air support is requested.
ရိက္ခာ ပေးပို့ရန် တောင်းခံပါသည်။|Supplies are requested.
ခဲယမ်း {count} တောင့် လက်ခံရရှိပါသည်။|{Count} rounds of ammunition have been received.
မိမိဘက်မှ {count} ဦး ကျဆုံး၊ {count2} ဦး ဒဏ်ရာရရှိသည်။|On our side {count} were killed and {count2} injured.
ရန်သူဘက်မှ အလောင်း {count} လောင်း ရရှိသည်။|{Count} enemy bodies were recovered.
ရန်သူ {count} ဦးခန့် ရှိသည်။|There are about {count} enemies.
အခြေအနေ ပုံမှန် ဖြစ်ပါသည်။|The situation is normal.
တစ်စုံတစ်ရာ ထူးခြားမှု မရှိပါ။|Nothing unusual to report.
{person}ကို ပုဒ်မ {count} ဖြင့် တရားစွဲဆိုထားသည်။|{person} is charged under Section {count}.
{person}ကို ထောင်ဒဏ် {count} နှစ် ချမှတ်ခဲ့သည်။|{person} was sentenced to {count} years in prison.
{person}ကို သေဒဏ် ချမှတ်ခဲ့သည်။|{person} was sentenced to death.
{person} ({count} နှစ်) သည် {village}တွင် သေဆုံးခဲ့သည်။|{person}, {count}, died in {village}.
{place}တွင် ညမထွက်ရအမိန့် ထုတ်ပြန်ထားသည်။|A curfew has been imposed in {place}.
{place}တွင် စစ်ဥပဒေ ကြေညာထားသည်။|Martial law has been declared in {place}.
{place}တွင် တိုက်ပွဲများ ဖြစ်ပွားခဲ့သည်။|Fighting broke out in {place}.
{place}တွင် {day} က တိုက်ပွဲ ဖြစ်ပွားခဲ့သည်။|Fighting broke out in {place} on {day}.
{place}သို့ လူ {count} ခန့် ထွက်ပြေးခဲ့သည်။|About {count} people fled to {place}.
လူ {count} ခန့် နေရပ်စွန့်ခွာ ထွက်ပြေးနေရသည်။|About {count} people have fled their homes.
နေရပ်စွန့်ခွာသူ {count} ကျော် ရှိသည်။|There are more than {count} displaced people.
စစ်ဘေးရှောင်စခန်းတွင် လူ {count} ဦး နေထိုင်သည်။|{Count} people live in the camp for displaced people.
ရိက္ခာလမ်းကြောင်းကို ဖြတ်တောက်ထားသည်။|The supply route has been cut off.
ဆက်သွယ်ရေး ဖြတ်တောက်ထားသည်။|Communications have been cut off.
ယာဉ်အမှတ် {count} ကို စစ်ဆေးခဲ့သည်။|Vehicle number {count} was checked.
မှတ်ပုံတင်အမှတ် {count}|Registration number {count}
ဆုံးရှုံးမှု တန်ဖိုး ကျပ်သိန်း {count} ခန့် ရှိသည်။|The losses amount to about {count} hundred thousand kyats.
သက်သေခံပစ္စည်းများကို သိမ်းဆည်းထားသည်။|The exhibits have been secured.
စစ်ရာဇဝတ်မှု ကျူးလွန်ခဲ့ကြောင်း စွပ်စွဲထားသည်။|It is alleged that war crimes were committed.
လူ့အခွင့်အရေး ချိုးဖောက်မှုများကို စုံစမ်းရမည်။|Human rights violations must be investigated.
ဤစာရွက်စာတမ်းသည် မိတ္တူ ဖြစ်သည်။|This document is a copy.
"""

SUBJECTS = """
လုံခြုံရေး|Security
စစ်ဆင်ရေး အမိန့်|Operation order
နယ်မြေရှင်းလင်းရေး|Area clearance
တပ်ဖွဲ့ဝင်များ ပြောင်းရွှေ့ခြင်း|Transfer of personnel
အကျဉ်းသားများ ပြောင်းရွှေ့ခြင်း|Transfer of prisoners
လက်နက်ခဲယမ်း ထုတ်ပေးခြင်း|Issue of arms and ammunition
ရိက္ခာ ထုတ်ပေးခြင်း|Issue of rations
သံသယရှိသူများ ဖမ်းဆီးခြင်း|Arrest of suspects
အခြေအနေ အစီရင်ခံစာ|Situation report
ဆုံးရှုံးမှု အစီရင်ခံစာ|Report on losses
အစည်းအဝေး ဖိတ်ကြားခြင်း|Invitation to a meeting
ညမထွက်ရအမိန့်|Curfew order
လေကြောင်းပစ်ကူ တောင်းခံခြင်း|Request for air support
ရွာရှင်းလင်းရန် ညွှန်ကြားချက်|Directive to clear a village
"""


def table(lines: str) -> tuple[tuple[str, str], ...]:
    """The pairs of one of the blocks above."""
    return tuple((my, en) for my, _, en in (line.partition("|") for line in lines.strip().splitlines()))
