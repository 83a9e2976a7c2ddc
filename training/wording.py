"""Words of the field in Burmese and English, from which synthetic sentences are put together.

Here: tables only. Written for this project, not proofread by a native speaker.
Not here: grammar and chance (generate.py), names of persons (names.py), places (read from the MIMU data).
"""

from typing import NamedTuple


class Noun(NamedTuple):
    """A thing that is counted: Burmese, English singular and plural, Burmese classifier."""

    my: str
    one: str
    many: str
    classifier: str


class Deed(NamedTuple):
    """A verb with an object: Burmese stem, English past with {} for the object, participle for the passive or none."""

    my: str
    past: str
    participle: str | None


class Verb(NamedTuple):
    """A plain verb: Burmese stem and its negation, English base, past and -ing form."""

    my: str
    negated: str
    base: str
    past: str
    going: str


MONTHS = (
    ("ဇန်နဝါရီ", "January"),
    ("ဖေဖော်ဝါရီ", "February"),
    ("မတ်", "March"),
    ("ဧပြီ", "April"),
    ("မေ", "May"),
    ("ဇွန်", "June"),
    ("ဇူလိုင်", "July"),
    ("ဩဂုတ်", "August"),
    ("စက်တင်ဘာ", "September"),
    ("အောက်တိုဘာ", "October"),
    ("နိုဝင်ဘာ", "November"),
    ("ဒီဇင်ဘာ", "December"),
)
WEEKDAYS = (
    ("တနင်္လာ", "Monday"),
    ("အင်္ဂါ", "Tuesday"),
    ("ဗုဒ္ဓဟူး", "Wednesday"),
    ("ကြာသပတေး", "Thursday"),
    ("သောကြာ", "Friday"),
    ("စနေ", "Saturday"),
    ("တနင်္ဂနွေ", "Sunday"),
)
LONG_AGO = (
    ("မနေ့က", "yesterday"),
    ("ယမန်နေ့က", "yesterday"),
    ("ယနေ့", "today"),
    ("ဒီမနက်", "this morning"),
    ("မနေ့ညက", "last night"),
    ("ပြီးခဲ့တဲ့အပတ်က", "last week"),
    ("ပြီးခဲ့သည့်အပတ်က", "last week"),
    ("ပြီးခဲ့တဲ့လက", "last month"),
    ("ပြီးခဲ့သည့်လက", "last month"),
    ("မနှစ်က", "last year"),
    ("အဲဒီနေ့က", "that day"),
    ("ထိုနေ့က", "that day"),
    ("ထိုညက", "that night"),
    ("ယခုနှစ်တွင်", "this year"),
)
REGIONS = {
    "Kachin": ("ကချင်ပြည်နယ်", "Kachin State"),
    "Kayah": ("ကယားပြည်နယ်", "Kayah State"),
    "Kayin": ("ကရင်ပြည်နယ်", "Kayin State"),
    "Chin": ("ချင်းပြည်နယ်", "Chin State"),
    "Mon": ("မွန်ပြည်နယ်", "Mon State"),
    "Rakhine": ("ရခိုင်ပြည်နယ်", "Rakhine State"),
    "Shan": ("ရှမ်းပြည်နယ်", "Shan State"),
    "Sagaing": ("စစ်ကိုင်းတိုင်းဒေသကြီး", "Sagaing Region"),
    "Tanintharyi": ("တနင်္သာရီတိုင်းဒေသကြီး", "Tanintharyi Region"),
    "Bago": ("ပဲခူးတိုင်းဒေသကြီး", "Bago Region"),
    "Magway": ("မကွေးတိုင်းဒေသကြီး", "Magway Region"),
    "Mandalay": ("မန္တလေးတိုင်းဒေသကြီး", "Mandalay Region"),
    "Yangon": ("ရန်ကုန်တိုင်းဒေသကြီး", "Yangon Region"),
    "Ayeyarwady": ("ဧရာဝတီတိုင်းဒေသကြီး", "Ayeyarwady Region"),
    "Nay Pyi Taw": ("နေပြည်တော်", "Nay Pyi Taw"),
}
HOURS = (("နံနက်", "a.m."), ("မနက်", "a.m."), ("မွန်းလွဲ", "p.m."), ("ညနေ", "p.m."), ("ည", "p.m."))
HEDGES = (("{}ခန့်", "about {}"), ("{}လောက်", "about {}"), ("{}ကျော်", "more than {}"), ("အနည်းဆုံး {}", "at least {}"))

RANKS = (
    ("ဗိုလ်ချုပ်မှူးကြီး", "Senior General"),
    ("ဗိုလ်ချုပ်ကြီး", "General"),
    ("ဒုတိယဗိုလ်ချုပ်ကြီး", "Lieutenant General"),
    ("ဗိုလ်ချုပ်", "Major General"),
    ("ဗိုလ်မှူးချုပ်", "Brigadier General"),
    ("ဗိုလ်မှူးကြီး", "Colonel"),
    ("ဒုတိယဗိုလ်မှူးကြီး", "Lieutenant Colonel"),
    ("ဗိုလ်မှူး", "Major"),
    ("ဗိုလ်ကြီး", "Captain"),
    ("ဗိုလ်", "Lieutenant"),
    ("အရာခံဗိုလ်", "Warrant Officer"),
    ("တပ်ကြပ်ကြီး", "Sergeant"),
    ("တပ်ကြပ်", "Corporal"),
    ("တပ်သား", "Private"),
    ("ရဲမှူး", "Police Major"),
    ("ရဲအုပ်", "Police Captain"),
)
TITLES_OF_MEN = (("ဦး", "U"), ("ကို", "Ko"), ("မောင်", "Maung"))
TITLES_OF_WOMEN = (("ဒေါ်", "Daw"), ("မ", "Ma"))
TITLES_OF_BOTH = (("ဒေါက်တာ", "Dr"), ("ဆရာ", "Saya"), ("ရှေ့နေ", "lawyer"))

UNITS = (
    ("ခလရ{}", "Infantry Battalion {}"),
    ("ခမရ{}", "Light Infantry Battalion {}"),
    ("ခမရ{}", "Light Infantry Battalion {}"),
    ("အမှတ်{} ခြေလျင်တပ်ရင်း", "Infantry Battalion {}"),
    ("အမှတ်{} ခြေမြန်တပ်ရင်း", "Light Infantry Battalion {}"),
    ("တပ်မ{}", "Light Infantry Division {}"),
    ("အမှတ်{} ခြေမြန်တပ်မ", "Light Infantry Division {}"),
    ("စကခ{}", "Military Operations Command {}"),
    ("ဒကစ{}", "Regional Operations Command {}"),
    ("အမြောက်တပ်ရင်း{}", "Artillery Battalion {}"),
    ("ရဲတပ်ရင်း{}", "Police Battalion {}"),
)
UNIT_NUMBERS = (" ({})", "({})", "-{}", " {}", "{}", " - {}")
OF_UNIT = (
    (" မှ စစ်သား{pl}", "soldiers from {}"),
    (" မှ တပ်သား{pl}", "troops from {}"),
    ("တပ်ဖွဲ့ဝင်{pl}", "members of {}"),
    (" မှ တပ်ဖွဲ့ဝင်{pl}", "members of {}"),
    (" လက်အောက်ခံ စစ်ကြောင်း", "a column of {}"),
    ("", "{}"),
)
ACTORS = (
    ("စစ်တပ်", "the military"),
    ("တပ်မတော်", "the Tatmadaw"),
    ("စစ်ကောင်စီ", "the military council"),
    ("စစ်သား{pl}", "soldiers"),
    ("စစ်ကောင်စီတပ်", "military council troops"),
    ("စစ်ကောင်စီတပ်{pl}", "military council troops"),
    ("စစ်ကောင်စီ တပ်ဖွဲ့ဝင်{pl}", "military council troops"),
    ("စစ်ကြောင်း", "a military column"),
    ("တပ်ဖွဲ့ဝင်{pl}", "troops"),
    ("ရဲ{pl}", "police"),
    ("ရဲတပ်ဖွဲ့", "the police force"),
    ("ရဲတပ်ဖွဲ့ဝင်{pl}", "police officers"),
    ("လုံခြုံရေးတပ်ဖွဲ့{pl}", "security forces"),
    ("ပျူစောထီးအဖွဲ့", "the Pyu Saw Htee group"),
    ("ပျူစောထီးအဖွဲ့ဝင်{pl}", "Pyu Saw Htee members"),
    ("နယ်ခြားစောင့်တပ်", "the Border Guard Force"),
    ("ပြည်သူ့စစ်{pl}", "militia members"),
    ("ပြည်သူ့ကာကွယ်ရေးတပ်ဖွဲ့", "the People's Defence Force"),
    ("လက်နက်ကိုင်အဖွဲ့", "an armed group"),
    ("လက်နက်ကိုင်{pl}", "armed men"),
    ("အမည်မသိ လူတစ်စု", "a group of unknown men"),
    ("အာဏာပိုင်{pl}", "the authorities"),
    ("အုပ်ချုပ်ရေးမှူး", "the local administrator"),
    ("တပ်ရင်းမှူး", "the battalion commander"),
    ("ထောင်အာဏာပိုင်{pl}", "the prison authorities"),
    ("စစ်ထောက်လှမ်းရေး", "military intelligence"),
    ("သူတို့", "they"),
    ("သူပုန်{pl}", "the rebels"),
)
COUNTED_ACTORS = (Noun("စစ်သား", "soldier", "soldiers", "ဦး"), Noun("ရဲ", "police officer", "police officers", "ဦး"))

PEOPLE = (
    Noun("အရပ်သား", "civilian", "civilians", "ဦး"),
    Noun("ရွာသား", "villager", "villagers", "ဦး"),
    Noun("ဒေသခံ", "local resident", "local residents", "ဦး"),
    Noun("လူ", "person", "people", "ယောက်"),
    Noun("ကလေး", "child", "children", "ယောက်"),
    Noun("ကလေးငယ်", "young child", "young children", "ဦး"),
    Noun("အမျိုးသမီး", "woman", "women", "ဦး"),
    Noun("အမျိုးသား", "man", "men", "ဦး"),
    Noun("မိန်းကလေး", "girl", "girls", "ဦး"),
    Noun("ယောက်ျားလေး", "boy", "boys", "ဦး"),
    Noun("လူငယ်", "young person", "young people", "ဦး"),
    Noun("သက်ကြီးရွယ်အို", "elderly person", "elderly people", "ဦး"),
    Noun("ကျောင်းသား", "student", "students", "ဦး"),
    Noun("ကျောင်းဆရာ", "teacher", "teachers", "ဦး"),
    Noun("ဆရာမ", "female teacher", "female teachers", "ဦး"),
    Noun("ဆရာဝန်", "doctor", "doctors", "ဦး"),
    Noun("သူနာပြု", "nurse", "nurses", "ဦး"),
    Noun("လူနာ", "patient", "patients", "ဦး"),
    Noun("ကျန်းမာရေးဝန်ထမ်း", "health worker", "health workers", "ဦး"),
    Noun("သတင်းထောက်", "journalist", "journalists", "ဦး"),
    Noun("ရှေ့နေ", "lawyer", "lawyers", "ဦး"),
    Noun("ဘုန်းကြီး", "monk", "monks", "ပါး"),
    Noun("သင်းအုပ်ဆရာ", "pastor", "pastors", "ဦး"),
    Noun("လယ်သမား", "farmer", "farmers", "ဦး"),
    Noun("အလုပ်သမား", "worker", "workers", "ဦး"),
    Noun("ယာဉ်မောင်း", "driver", "drivers", "ဦး"),
    Noun("ဆန္ဒပြသူ", "protester", "protesters", "ဦး"),
    Noun("တက်ကြွလှုပ်ရှားသူ", "activist", "activists", "ဦး"),
    Noun("စစ်ဘေးရှောင်", "displaced person", "displaced people", "ဦး"),
    Noun("ဒုက္ခသည်", "refugee", "refugees", "ဦး"),
    Noun("အကျဉ်းသား", "prisoner", "prisoners", "ဦး"),
    Noun("နိုင်ငံရေးအကျဉ်းသား", "political prisoner", "political prisoners", "ဦး"),
    Noun("ကိုယ်ဝန်ဆောင်", "pregnant woman", "pregnant women", "ဦး"),
    Noun("မိသားစုဝင်", "family member", "family members", "ဦး"),
)
BUILDINGS = (
    Noun("အိမ်", "house", "houses", "လုံး"),
    Noun("နေအိမ်", "house", "houses", "လုံး"),
    Noun("လူနေအိမ်", "home", "homes", "လုံး"),
    Noun("စာသင်ကျောင်း", "school", "schools", "ကျောင်း"),
    Noun("ဘုန်းကြီးကျောင်း", "monastery", "monasteries", "ကျောင်း"),
    Noun("ဘုရားကျောင်း", "church", "churches", "ကျောင်း"),
    Noun("ဗလီ", "mosque", "mosques", "လုံး"),
    Noun("ဘုရားစေတီ", "pagoda", "pagodas", "ဆူ"),
    Noun("ဆေးရုံ", "hospital", "hospitals", "ရုံ"),
    Noun("ဆေးခန်း", "clinic", "clinics", "ခန်း"),
    Noun("ဈေးဆိုင်", "shop", "shops", "ဆိုင်"),
    Noun("ဈေး", "market", "markets", "ခု"),
    Noun("အဆောက်အအုံ", "building", "buildings", "လုံး"),
    Noun("စပါးကျီ", "granary", "granaries", "လုံး"),
    Noun("တံတား", "bridge", "bridges", "စင်း"),
    Noun("ရုံး", "office", "offices", "ရုံး"),
    Noun("ဂိုဒေါင်", "warehouse", "warehouses", "လုံး"),
    Noun("ဆန်စက်", "rice mill", "rice mills", "လုံး"),
    Noun("ဒုက္ခသည်စခန်း", "refugee camp", "refugee camps", "ခု"),
    Noun("ရွာ", "village", "villages", "ရွာ"),
)
GOODS = (
    Noun("ဆိုင်ကယ်", "motorbike", "motorbikes", "စီး"),
    Noun("ကား", "car", "cars", "စီး"),
    Noun("ကုန်တင်ကား", "truck", "trucks", "စီး"),
    Noun("လှေ", "boat", "boats", "စင်း"),
    Noun("နွား", "cow", "cows", "ကောင်"),
    Noun("ကျွဲ", "buffalo", "buffaloes", "ကောင်"),
    Noun("ဝက်", "pig", "pigs", "ကောင်"),
    Noun("ကြက်", "chicken", "chickens", "ကောင်"),
    Noun("ဆန်", "bag of rice", "bags of rice", "အိတ်"),
    Noun("စပါး", "basket of paddy", "baskets of paddy", "တင်း"),
    Noun("ဖုန်း", "phone", "phones", "လုံး"),
    Noun("လက်ကိုင်ဖုန်း", "mobile phone", "mobile phones", "လုံး"),
    Noun("ကွန်ပျူတာ", "computer", "computers", "လုံး"),
    Noun("ကင်မရာ", "camera", "cameras", "လုံး"),
    Noun("သေနတ်", "gun", "guns", "လက်"),
    Noun("မိုင်း", "landmine", "landmines", "လုံး"),
    Noun("ဗုံး", "bomb", "bombs", "လုံး"),
    Noun("ကျည်ဆန်", "bullet", "bullets", "တောင့်"),
    Noun("စာရွက်စာတမ်း", "document", "documents", "စောင်"),
    Noun("ဓာတ်ပုံ", "photograph", "photographs", "ပုံ"),
    Noun("ဆီ", "can of fuel", "cans of fuel", "ပုံး"),
)

DEEDS_TO_PEOPLE = (
    Deed("ဖမ်းဆီး", "arrested {}", "arrested"),
    Deed("ဖမ်းဆီး", "arrested {}", "arrested"),
    Deed("ထိန်းသိမ်း", "detained {}", "detained"),
    Deed("ချုပ်နှောင်", "held {}", "held"),
    Deed("ခေါ်ဆောင်သွား", "took {} away", "taken away"),
    Deed("ပြန်ပေးဆွဲ", "abducted {}", "abducted"),
    Deed("သတ်ဖြတ်", "killed {}", "killed"),
    Deed("သတ်", "killed {}", "killed"),
    Deed("ပစ်သတ်", "shot {} dead", "shot dead"),
    Deed("ပစ်ခတ်", "shot at {}", "shot at"),
    Deed("ကွပ်မျက်", "executed {}", "executed"),
    Deed("ခေါင်းဖြတ်သတ်", "beheaded {}", "beheaded"),
    Deed("မီးရှို့သတ်", "burned {} to death", "burned to death"),
    Deed("ရိုက်နှက်", "beat {}", "beaten"),
    Deed("ညှဉ်းပန်းနှိပ်စက်", "tortured {}", "tortured"),
    Deed("နှိပ်စက်", "tortured {}", "tortured"),
    Deed("အဓမ္မပြုကျင့်", "raped {}", "raped"),
    Deed("ခြိမ်းခြောက်", "threatened {}", "threatened"),
    Deed("စစ်ဆေးမေးမြန်း", "questioned {}", "questioned"),
    Deed("စစ်ကြော", "interrogated {}", "interrogated"),
    Deed("ရှာဖွေ", "searched for {}", "searched for"),
    Deed("ပြန်လွှတ်", "released {}", "released"),
    Deed("ပြန်လွှတ်ပေး", "released {}", "released"),
    Deed("ကယ်ဆယ်", "rescued {}", "rescued"),
    Deed("ကူညီ", "helped {}", "helped"),
    Deed("လူသားဒိုင်းအဖြစ် အသုံးပြု", "used {} as human shields", "used as human shields"),
    Deed("ပေါ်တာဆွဲ", "forced {} to work as porters", "forced to work as porters"),
    Deed("ဓားစာခံအဖြစ် ဖမ်းဆီး", "took {} hostage", "taken hostage"),
    Deed("နှင်ထုတ်", "drove {} out", "driven out"),
    Deed("အတင်းအကျပ် စုဆောင်း", "forcibly recruited {}", "forcibly recruited"),
    Deed("အရေးယူ", "took action against {}", None),
    Deed("တရားစွဲဆို", "prosecuted {}", "prosecuted"),
)
DEEDS_TO_BUILDINGS = (
    Deed("မီးရှို့", "burned {}", "burned"),
    Deed("မီးရှို့", "burned {}", "burned"),
    Deed("မီးရှို့ဖျက်ဆီး", "burned down {}", "burned down"),
    Deed("ဖျက်ဆီး", "destroyed {}", "destroyed"),
    Deed("ပစ်ခတ်", "fired at {}", "fired at"),
    Deed("လက်နက်ကြီးဖြင့် ပစ်ခတ်", "shelled {}", "shelled"),
    Deed("လက်နက်ကြီးများဖြင့် ပစ်ခတ်", "fired heavy weapons at {}", None),
    Deed("ဗုံးကြဲ", "bombed {}", "bombed"),
    Deed("လေကြောင်းမှ ဗုံးကြဲ", "bombed {} from the air", "bombed from the air"),
    Deed("လေယာဉ်ဖြင့် တိုက်ခိုက်", "attacked {} from the air", "attacked from the air"),
    Deed("တိုက်ခိုက်", "attacked {}", "attacked"),
    Deed("ဝင်ရောက်စီးနင်း", "raided {}", "raided"),
    Deed("ဝိုင်း", "surrounded {}", "surrounded"),
    Deed("သိမ်းပိုက်", "occupied {}", "occupied"),
    Deed("ရှာဖွေ", "searched {}", "searched"),
    Deed("ချိပ်ပိတ်", "sealed {}", "sealed"),
    Deed("ပိတ်", "closed {}", "closed"),
    Deed("မိုင်းခွဲဖျက်ဆီး", "blew up {}", "blown up"),
    Deed("ပြန်လည်တည်ဆောက်", "rebuilt {}", "rebuilt"),
)
DEEDS_TO_GOODS = (
    Deed("သိမ်းဆည်း", "confiscated {}", "confiscated"),
    Deed("သိမ်းယူ", "seized {}", "seized"),
    Deed("ယူသွား", "took {}", "taken"),
    Deed("ယူဆောင်သွား", "took {} away", "taken away"),
    Deed("လုယက်", "looted {}", "looted"),
    Deed("လုယူ", "robbed {}", "robbed"),
    Deed("ခိုးယူ", "stole {}", "stolen"),
    Deed("မီးရှို့", "burned {}", "burned"),
    Deed("ဖျက်ဆီး", "destroyed {}", "destroyed"),
    Deed("တွေ့ရှိ", "found {}", "found"),
    Deed("ဖမ်းဆီးရမိ", "seized {}", "seized"),
    Deed("ပေးပို့", "sent {}", "sent"),
    Deed("ဝယ်ယူ", "bought {}", "bought"),
    Deed("ရောင်းချ", "sold {}", "sold"),
    Deed("သယ်ဆောင်", "carried {}", "carried"),
)
# What befell people, without a doer: {who} {was}.
FATES = (
    ("သေဆုံးခဲ့", "{who} died"),
    ("သေဆုံးခဲ့", "{who} died"),
    ("အသတ်ခံခဲ့ရ", "{who} {was} killed"),
    ("သေနတ်ထိမှန်ခဲ့", "{who} {was} hit by gunfire"),
    ("ဒဏ်ရာရခဲ့", "{who} {was} injured"),
    ("ဒဏ်ရာရရှိခဲ့", "{who} {was} injured"),
    ("ပြင်းထန်စွာ ဒဏ်ရာရခဲ့", "{who} {was} seriously injured"),
    ("ပျောက်ဆုံးခဲ့", "{who} went missing"),
    ("ထွက်ပြေးခဲ့ရ", "{who} had to flee"),
    ("နေရပ်စွန့်ခွာခဲ့ရ", "{who} {was} displaced"),
    ("တိမ်းရှောင်ခဲ့ရ", "{who} had to flee"),
    ("မိုင်းနင်းမိပြီး သေဆုံးခဲ့", "{who} stepped on a landmine and died"),
    ("လက်နက်ကြီးထိမှန်၍ သေဆုံးခဲ့", "{who} {was} killed by shelling"),
    ("လေကြောင်းတိုက်ခိုက်မှုကြောင့် သေဆုံးခဲ့", "{who} {was} killed in an airstrike"),
    ("စစ်ကြောရေးစခန်းတွင် သေဆုံးခဲ့", "{who} died at an interrogation centre"),
    ("အကျဉ်းထောင်ထဲတွင် သေဆုံးခဲ့", "{who} died in prison"),
    ("တောထဲတွင် ပုန်းအောင်းနေခဲ့ရ", "{who} had to hide in the forest"),
    ("ရွာသို့ ပြန်လာခဲ့", "{who} returned to the village"),
    ("ဆေးရုံတင်ခဲ့ရ", "{who} {was} taken to hospital"),
    ("လွတ်မြောက်ခဲ့", "{who} escaped"),
    ("ပြန်လည်လွတ်မြောက်လာခဲ့", "{who} {was} freed"),
    ("အကူအညီ လိုအပ်နေ", "{who} {was} in need of help"),
    ("အစားအစာ ပြတ်လပ်ခဲ့", "{who} ran short of food"),
)
ACCORDING_TO = (
    ("ဒေသခံများ၏ ပြောကြားချက်အရ", "According to local residents,"),
    ("ဒေသခံတွေရဲ့ အပြောအရ", "According to local residents,"),
    ("မျက်မြင်သက်သေများအရ", "According to eyewitnesses,"),
    ("သတင်းရရှိချက်များအရ", "According to reports,"),
    ("အစီရင်ခံစာအရ", "According to the report,"),
    ("ရွာသားများ၏ ပြောပြချက်အရ", "According to villagers,"),
    ("မိသားစု၏ ပြောကြားချက်အရ", "According to the family,"),
)
KIN = (
    ("အဖေ", "father"),
    ("အမေ", "mother"),
    ("အစ်ကို", "elder brother"),
    ("ညီ", "younger brother"),
    ("အစ်မ", "elder sister"),
    ("ညီမ", "younger sister"),
    ("သား", "son"),
    ("သမီး", "daughter"),
    ("ယောက်ျား", "husband"),
    ("ခင်ပွန်း", "husband"),
    ("ဇနီး", "wife"),
    ("မိန်းမ", "wife"),
    ("အဘိုး", "grandfather"),
    ("အဘွား", "grandmother"),
    ("မြေး", "grandchild"),
    ("ဦးလေး", "uncle"),
    ("အဒေါ်", "aunt"),
    ("တူ", "nephew"),
    ("တူမ", "niece"),
    ("သူငယ်ချင်း", "friend"),
    ("အိမ်နီးချင်း", "neighbour"),
    ("မိသားစု", "family"),
)

# Burmese, English, "s" for third person singular.
SUBJECTS = (
    ("ကျွန်တော်", "I", False),
    ("ကျွန်မ", "I", False),
    ("သူ", "he", True),
    ("သူမ", "she", True),
    ("သူတို့", "they", False),
    ("ကျွန်တော်တို့", "we", False),
    ("ကျွန်မတို့", "we", False),
    ("ရွာသားတွေ", "the villagers", False),
    ("စစ်သားတွေ", "the soldiers", False),
    ("ကလေးတွေ", "the children", False),
    ("အမျိုးသမီးတွေ", "the women", False),
    ("ရဲတွေ", "the police", False),
    ("လူတွေ", "people", False),
    ("ဆရာဝန်", "the doctor", True),
    ("တပ်ရင်းမှူး", "the battalion commander", True),
    ("ကျောင်းသားတွေ", "the students", False),
)
TARGETS = (
    ("ရွာ", "the village"),
    ("မြို့", "the town"),
    ("တောထဲ", "the forest"),
    ("စခန်း", "the camp"),
    ("ဘုန်းကြီးကျောင်း", "the monastery"),
    ("ဘုရားကျောင်း", "the church"),
    ("ကျောင်း", "the school"),
    ("ဆေးရုံ", "the hospital"),
    ("ရဲစခန်း", "the police station"),
    ("ဈေး", "the market"),
    ("လယ်ထဲ", "the fields"),
    ("တောင်ပေါ်", "the hills"),
    ("မြစ်ကမ်း", "the river bank"),
    ("တခြားရွာ", "another village"),
    ("ထောင်", "prison"),
    ("နယ်စပ်", "the border"),
    ("အိမ်", "the house"),
    ("ရုံး", "the office"),
)
MOVES = (
    Verb("သွား", "မသွား", "go", "went", "going"),
    Verb("ပြေး", "မပြေး", "run", "ran", "running"),
    Verb("ထွက်ပြေး", "ထွက်မပြေး", "flee", "fled", "fleeing"),
    Verb("ပြန်", "မပြန်", "return", "returned", "returning"),
    Verb("ပြောင်း", "မပြောင်း", "move", "moved", "moving"),
    Verb("ရောက်", "မရောက်", "get", "got", "getting"),
)
STAYS = (
    Verb("နေ", "မနေ", "stay", "stayed", "staying"),
    Verb("ပုန်း", "မပုန်း", "hide", "hid", "hiding"),
    Verb("အိပ်", "မအိပ်", "sleep", "slept", "sleeping"),
    Verb("စောင့်", "မစောင့်", "wait", "waited", "waiting"),
    Verb("အလုပ်လုပ်", "အလုပ်မလုပ်", "work", "worked", "working"),
    Verb("ပုန်းအောင်း", "မပုန်းအောင်း", "hide", "hid", "hiding"),
)
OBJECTS = (
    ("သူ", "him"),
    ("သူမ", "her"),
    ("သူတို့", "them"),
    ("ကျွန်တော်", "me"),
    ("ကျွန်တော်တို့", "us"),
    ("အလောင်း", "the body"),
    ("အလောင်းတွေ", "the bodies"),
    ("လေယာဉ်", "the plane"),
    ("ဒုံးကျည်", "the rocket"),
    ("စစ်ကြောင်း", "the column"),
    ("သေနတ်သမား", "the gunman"),
    ("ရွာသားတွေ", "the villagers"),
    ("စစ်သားတွေ", "the soldiers"),
    ("ကလေး", "the child"),
    ("ဓာတ်ပုံ", "the photograph"),
    ("စာ", "the letter"),
    ("ဗီဒီယို", "the video"),
    ("ကား", "the car"),
    ("မီးခိုး", "the smoke"),
    ("မိုင်း", "the landmine"),
)
ACTS = (
    Verb("မြင်", "မမြင်", "see", "saw", "seeing"),
    Verb("တွေ့", "မတွေ့", "find", "found", "finding"),
    Verb("သိ", "မသိ", "know", "knew", "knowing"),
    Verb("ရှာ", "မရှာ", "look for", "looked for", "looking for"),
    Verb("ကြောက်", "မကြောက်", "fear", "feared", "fearing"),
    Verb("ကူညီ", "မကူညီ", "help", "helped", "helping"),
    Verb("သယ်", "မသယ်", "carry", "carried", "carrying"),
    Verb("စောင့်ကြည့်", "စောင့်မကြည့်", "watch", "watched", "watching"),
    Verb("မှတ်မိ", "မမှတ်မိ", "recognise", "recognised", "recognising"),
    Verb("ပို့", "မပို့", "send", "sent", "sending"),
    Verb("သတ်", "မသတ်", "kill", "killed", "killing"),
    Verb("ဖမ်း", "မဖမ်း", "arrest", "arrested", "arresting"),
    Verb("ရိုက်", "မရိုက်", "beat", "beat", "beating"),
    Verb("မီးရှို့", "မီးမရှို့", "burn", "burned", "burning"),
    Verb("မြှုပ်", "မမြှုပ်", "bury", "buried", "burying"),
    Verb("ဖုံးကွယ်", "မဖုံးကွယ်", "hide", "hid", "hiding"),
    Verb("ပစ်", "မပစ်", "shoot", "shot", "shooting"),
)
