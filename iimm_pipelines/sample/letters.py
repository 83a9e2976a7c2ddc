"""What is written and said in the sample: letters, orders, statements, chats, tables, radio reports.

Here: the words, and the files that are nothing but words (TXT in several encodings, HTML).
Not here: which file answers which search (searches), Office files and PDF (ooxml, pdf), who hands over what (make).

Every person, village, unit and event is invented. Each group of distractors holds the words of one search several
times, never side by side, so that a search that only counts words puts them first.
"""

from collections.abc import Sequence
from html import escape

from iimm_pipelines.sample.files import SampleFile, numbered, text_file

COMPLAINT = """ရွာလူထု၏ တိုင်ကြားစာ

သို့
မြို့နယ်အုပ်ချုပ်ရေးမှူး၊ ယင်းမာပင်မြို့နယ်

၂၀၂၂ ခုနှစ် ဖေဖော်ဝါရီလ ၁၀ ရက်နေ့ နံနက် ၆ နာရီတွင် ယာဉ်တန်းတစ်တန်း ရွာထဲသို့ ဝင်ရောက်လာခဲ့သည်။
ရွာသားများသည် ဘုန်းကြီးကျောင်းတွင် စုဝေးခဲ့ကြသည်။
ဆရာမများက ကလေးများကို အိမ်သို့ ပြန်ပို့ခဲ့သည်။
စာသင်ခန်းများ၏ သော့များကို ဖျက်ပြီး စာအုပ်များကို ယူဆောင်သွားခဲ့သည်။
ဈေးဆိုင် ၃ ဆိုင်မှ ဆန်အိတ် ၂၀ ကို ကားပေါ်သို့ တင်ဆောင်သွားခဲ့သည်။
နောက်တစ်နေ့တွင် စာရွက်စာတမ်းများကို ကျောင်းဆောင်အနောက်ဘက်ရေတွင်းတွင် ပြန်လည်တွေ့ရှိခဲ့သည်။
စာရွက်များသည် ရေစိုနေသဖြင့် နေလှန်းထားရသည်။
ကျေးရွာအုပ်ချုပ်ရေးမှူးက စာရင်းပြုစုပြီး ရွာသူရွာသားများ၏ ရှေ့တွင် ဖတ်ပြခဲ့သည်။
ပျောက်ဆုံးသွားသော ပစ္စည်းများအတွက် လျော်ကြေးပေးရန် တောင်းဆိုအပ်ပါသည်။
ဤတိုင်ကြားစာကို ရွာလူထု၏ သဘောတူညီချက်ဖြင့် ရေးသားပါသည်။

ရွာလူထုကိုယ်စား
၂၀၂၂ ခုနှစ် ဖေဖော်ဝါရီလ ၁၅ ရက်
"""

VILLAGE_WORKS = (
    """ရွာပြုပြင်ရေး မှတ်တမ်း

ရေတွင်း အဟောင်း ကို ပြင်ရန်။ အနောက်ဘက် လမ်း ကို ရှင်းရန်။ ကျောင်းဆောင် ခေါင်မိုး ကို လဲရန်။ \
ရေတွင်း အသစ် ကို တူးရန်။ အနောက်ဘက် ခြံ ကို ကာရန်။ ကျောင်းဆောင် တံခါး ကို ပြင်ရန်။
""",
    """အလှူခံ စာရင်း

ကျောင်းဆောင် အတွက် ငွေ ၅ သောင်း။ ရေတွင်း အတွက် ငွေ ၃ သောင်း။ အနောက်ဘက် တံတား အတွက် ငွေ ၂ သောင်း။ \
ရေတွင်း နှင့် ကျောင်းဆောင် ကို ဇွန်လ တွင် ပြီးစီးမည်။ အနောက်ဘက် ကို နောက်နှစ် တွင် လုပ်မည်။
""",
    """အစည်းအဝေး မှတ်တမ်း

ရေတွင်း တွင် ရေ နည်းသည်။ ကျောင်းဆောင် တွင် မီး မရှိ။ အနောက်ဘက် တွင် လမ်း မရှိ။ \
ရေတွင်း ကို အရင် လုပ်မည်။ ကျောင်းဆောင် ကို နောက်မှ လုပ်မည်။ အနောက်ဘက် ကို စောင့်မည်။
""",
)

# Zawgyi, a font encoding that puts other letters under Unicode's Burmese numbers. Beside each text its reading.
ZAWGYI = (
    (
        """ရွာသားများသို့ အသိပေးစာ
ရေတွင်း အသစ် တူးရန် ငွေ ကောက်မည်။
အနောက်ဘက် လမ်း ရှင်းရန်။
ကျောင်းဆောင် ဆေးသုတ်ရန်။
ရေတွင်း အဟောင်း ပိတ်ရန်။
အနောက်ဘက် ခြံစည်းရိုး ပြင်ရန်။
ကျောင်းဆောင် တံခါး လဲရန်။
""",
        """ရြာသားမ်ားသို႔ အသိေပးစာ
ေရတြင္း အသစ္ တူးရန္ ေငြ ေကာက္မည္။
အေနာက္ဘက္ လမ္း ရွင္းရန္။
ေက်ာင္းေဆာင္ ေဆးသုတ္ရန္။
ေရတြင္း အေဟာင္း ပိတ္ရန္။
အေနာက္ဘက္ ၿခံစည္း႐ိုး ျပင္ရန္။
ေက်ာင္းေဆာင္ တံခါး လဲရန္။
""",
    ),
    (
        """မောင်လှ - ရေတွင်း ပြီးပြီလား။
မစန်း - အနောက်ဘက် မှာ ရေ မရှိဘူး။
မောင်လှ - ကျောင်းဆောင် အရင် လုပ်ရမယ်။
မစန်း - ရေတွင်း က နောက်မှ လုပ်မယ်။
မောင်လှ - ကျောင်းဆောင် မှာ တွေ့မယ်။
မစန်း - ဟုတ်ကဲ့ အနောက်ဘက် က လာခဲ့မယ်။
""",
        """ေမာင္လွ - ေရတြင္း ၿပီးၿပီလား။
မစန္း - အေနာက္ဘက္ မွာ ေရ မရွိဘူး။
ေမာင္လွ - ေက်ာင္းေဆာင္ အရင္ လုပ္ရမယ္။
မစန္း - ေရတြင္း က ေနာက္မွ လုပ္မယ္။
ေမာင္လွ - ေက်ာင္းေဆာင္ မွာ ေတြ႕မယ္။
မစန္း - ဟုတ္ကဲ့ အေနာက္ဘက္ က လာခဲ့မယ္။
""",
    ),
    (
        """ကုန်ကျစရိတ် စာရင်း
ရေတွင်း အတွက် ငွေ သုံးသောင်း။
ကျောင်းဆောင် အတွက် ငွေ ငါးသောင်း။
အနောက်ဘက် တံတား အတွက် ငွေ နှစ်သောင်း။
ရေတွင်း နှင့် ကျောင်းဆောင် ကို ဇွန်လ တွင် ပြီးစီးမည်။
""",
        """ကုန္က်စရိတ္ စာရင္း
ေရတြင္း အတြက္ ေငြ သုံးေသာင္း။
ေက်ာင္းေဆာင္ အတြက္ ေငြ ငါးေသာင္း။
အေနာက္ဘက္ တံတား အတြက္ ေငြ ႏွစ္ေသာင္း။
ေရတြင္း ႏွင့္ ေက်ာင္းေဆာင္ ကို ဇြန္လ တြင္ ၿပီးစီးမည္။
""",
    ),
)

# Each sentence is a paragraph of its own: a small translation model knows single sentences of this build.
BURNED_HOUSES = """ထွက်ဆိုချက်

ရေဦးမြို့နယ် ညောင်ပင်သာကျေးရွာ

၂၀၂၁ ခုနှစ် မေလ ၃ ရက်နေ့က ခမရ (၉၇၇) မှ စစ်သားများက ရေဦးမြို့နယ် ညောင်ပင်သာကျေးရွာတွင် နေအိမ် ၁၂ လုံးကို မီးရှို့ခဲ့သည်။

ရွာသား ၄၀ သည် ဘုန်းကြီးကျောင်းသို့ ထွက်ပြေးခဲ့သည်။

၂၀၂၁ ခုနှစ် မေလ ၅ ရက်နေ့တွင် ရွာသားများ ပြန်လာခဲ့သည်။
"""

KITCHENS = (
    """Rules for cooking fires

Rice that is burned is given to the pigs; straw burned near houses is a danger to all houses, and paper burned \
between houses likewise. The 12 cooks work in two groups: 12 pots, 12 lids, one fire away from the houses.
""",
    """Firewood for the cold season

Wood burned in January: 12 carts. Wood burned in February: 12 carts. Wood burned in March: 12 carts. The houses near \
the road receive wood first, then the houses by the river, then all other houses.
""",
    """Notice to people who sell bricks

Bricks must be burned for two days. Bricks burned for one day sell for 12 per cent less. Houses of burned brick \
outlast houses of wood. There are 12 sellers for new houses; call number 12.
""",
)

# Dense, because what is spoken is short: a sentence of eight words ranks high wherever it holds a word of the search.
WORD_LISTS = (
    """Spelling for the radio class

Write down: river, sunrise, crossed, before; then sunrise, before, river, crossed; then before, crossed, sunrise, \
river, the end of the list.
""",
    """Code words of the scouts

The first code: sunrise, crossed, river, before. The new code: river, sunrise, before, crossed. The old code: before, \
sunrise, crossed, river.
""",
    """Evening song

Sunrise before sunrise, river before river, crossed before crossed: the song of the river has the word sunrise, the \
word crossed.
""",
)

KHIN = (
    """To the headman

U Khin Maung has asked U Khin Zaw for seed. Daw Khin Aye and U Ba will bring it. Signed: U Khin Zaw.
""",
    """Members of the pagoda committee

U Khin Hlaing, U Khin Shein, Daw Khin Mya, U Tin, U Khin Soe. The keys are with U Khin Shein.
""",
    """Receipt

Received from U Khin Win: two bags. Received from U Khin Thein: one bag. Kept for U Khin Soe by U Khin Win.
""",
)

GARDENS = (
    """The monastery garden

The mango tree is old, the lime tree is young, and each tree is watered. Pipes are buried by the wall, cables are \
buried by the gate, seeds are buried in May. Sit under the roof, under the bell, under the stairs. Jackfruit is ripe: \
jackfruit for guests, jackfruit for the monks.
""",
    """How to plant

A jackfruit seed is buried as deep as a thumb, a jackfruit stone buried deeper, a jackfruit root buried deepest. Put \
leaves under the stem, sand under the leaves, stones under the sand. The tree grows, the tree bears, the tree is cut.
""",
    """Prices at the fruit market

Jackfruit, whole: 3000. Jackfruit, half: 1600. Jackfruit, dried: 900. The scales are under the roof, the bags under \
the table, the ice under the straw. The old tree, the dead tree and the hollow tree are buried in the mud; the coins \
stay buried, the cables stay buried.
""",
)

FRENCH_LETTER = """Cher collègue,

Le médecin a reçu les médicaments à l'hôpital du marché. La liste complète sera prête après la fête.
Merci de vérifier les quantités : dix boîtes étaient ouvertes.
"""

CHAT = """Conversation started 14 February 2022

Aung Nay
14 February 2022 at 18:02
Is the road to the market open?

Su Su
14 February 2022 at 18:05
ဟုတ်ကဲ့၊ လမ်းက ပွင့်ပါတယ်။ ဒါပေမယ့် ဂိတ်မှာ စစ်ဆေးနေတယ်။

Aung Nay
14 February 2022 at 18:06
Call me: +1 202 555 0123. My mail is aung.nay@village.example

Su Su
14 February 2022 at 18:11
မနက်ဖြန် ၉ နာရီ တွေ့မယ်။ https://market.example/map
"""

ORDER_14 = (
    "Order number 14 of 2022",
    "The market road will be closed on Thursday, 17 February 2022, from 5 p.m.",
    "Owners of shops return home before 5 p.m.",
    "Carts and motorcycles use the north gate.",
    "Questions are answered at the township office in Monywa.",
)
ORDER_14_BURMESE = (
    "အမိန့်စာ အမှတ် ၁၄ / ၂၀၂၂",
    "ကြာသပတေးနေ့ ညနေ ၅ နာရီမှစ၍ ဈေးလမ်းကို ပိတ်ထားမည်။",
    "ဆိုင်ပိုင်ရှင်များသည် ၅ နာရီ မတိုင်မီ ပြန်ကြရမည်။",
    "လှည်းများနှင့် ဆိုင်ကယ်များသည် မြောက်ဘက်ဂိတ်ကို အသုံးပြုရမည်။",
)
SCANNED_ORDER = (
    "အမိန့်စာ အမှတ် ၂၁ / ၂၀၂၂",
    "ဗုဒ္ဓဟူးနေ့တွင် တံတားကို ပြင်ဆင်မည်။",
    "ကျွန်ုပ်တို့၏ ရုံးသည် နံနက် ၉ နာရီတွင် ဖွင့်သည်။",
    "မြန်မာဘာသာဖြင့် လျှောက်လွှာတင်ရန်။",
    "",
    "Order number 21 of 2022",
    "The bridge will be repaired on Wednesday.",
    "The office opens at nine in the morning.",
    "Please write your request by hand.",
)
ORDER_OF_KHIN_U = (
    "မြို့နယ်ရုံး အမိန့်စာ အမှတ် ၇ / ၂၀၂၂",
    "၂၀၂၂ ခုနှစ် မတ်လ ၁ ရက်",
    "ခင်ဦးမြို့နယ်အတွင်းရှိ ကျေးရွာများသို့",
    "ကျေးရွာအုပ်ချုပ်ရေးမှူးများသည် လူဦးရေစာရင်းကို ပေးပို့ရမည်။",
    "စာရင်းကို မတ်လ ၁၅ ရက်နေ့ နောက်ဆုံးထား၍ ပေးပို့ရမည်။",
    "ဧည့်သည်များကို ညနေ ၆ နာရီ မတိုင်မီ ရုံးသို့ တိုင်ကြားရမည်။",
)
MONTHLY_REPORT = (
    "Monthly report, February 2022",
    *(
        f"Day {day}: the gate at the north road was open; {day * 3 % 17 + 4} carts were counted."
        for day in range(1, 29)
    ),
    *(f"Note {note}: the lamp at post {note} was mended." for note in range(1, 21)),
)
LOCKED_REPORT = ("Stock of the store house", "Rice: 40 bags", "Oil: 12 tins", "Rope: 3 rolls")
PICTURE_STATEMENT = (
    "Statement with a photograph",
    "I took the picture from my window in the afternoon. The truck stood on the road for an hour.",
    "I gave the picture to nobody else.",
)
INCIDENTS: tuple[tuple[str | int, ...], ...] = (
    ("date", "township", "P-code", "what happened", "people hurt"),
    ("2022-02-03", "Budalin", "MMR005013", "Checkpoint at the bridge", 0),
    ("2022-02-10", "Yinmarbin", "MMR005016", "Books taken from a school", 0),
    ("2022-02-12", "မုံရွာ", "MMR005012", "ဈေးလမ်း ပိတ်ထားသည်", 0),
    ("2022-02-19", "Kanbalu", "MMR005007", "Cart overturned at the ford", 2),
)
VEHICLES: tuple[tuple[str | int, ...], ...] = (
    ("number", "kind", "colour", "seen"),
    ("9X-1001", "truck", "green", 3),
    ("9X-1002", "truck", "grey", 1),
    ("9X-1003", "ဆိုင်ကယ်", "အနီ", 5),
)

RADIO_RIVER = (
    "This is the evening report. A green truck crossed the river before sunrise. "
    "Nobody in the village was hurt. The road to the market is open again."
)
RADIO_SCHOOL = (
    "Good morning. The school will open on Monday. Parents should bring books and clean water. "
    "The doctor will visit the children on Friday."
)
TELEPHONE = (
    "Hello, this is a message for the office. The two men came back in the afternoon. "
    "They asked about my brother. Please do not call this number again."
)

WITNESS_TREE = """Statement of a witness

I lived beside the old mill for nine years. In March two men came to my house and asked for the village records.

My uncle said that he did not have them. That night we put the records into a tin box.

The box was buried under the jackfruit tree behind the mill. Only three people knew the place.

In April we took the box out again. All the papers were dry.
"""

WITNESS_STATEMENTS = (
    """Statement of a witness

I sell tea at the bus station. On 19 February 2022 I saw a grey truck at the station at about seven in the evening.

The driver asked for the way to the township office. I did not see what he carried.
""",
    """Statement of a witness

My daughter goes to the school by the market. Her teacher told the parents that the school would close for a week.
We kept our daughter at home until Monday.
""",
)
WITNESS_BURMESE = """သက်သေ ထွက်ဆိုချက်

ကျွန်မသည် ဘူတာရုံတွင် လက်ဖက်ရည် ရောင်းပါသည်။
ဖေဖော်ဝါရီလ ၁၉ ရက်နေ့ ညနေတွင် မီးခိုးရောင် ကားတစ်စီးကို တွေ့ခဲ့ပါသည်။
ကားမောင်းသူက မြို့နယ်ရုံးသို့ သွားသည့် လမ်းကို မေးခဲ့ပါသည်။
"""
INTERVIEW_NOTES = """မေးမြန်းချက် မှတ်စု

မေး - ဘယ်အချိန်မှာ ကားကို တွေ့ခဲ့သလဲ။
ဖြေ - ညနေ ခုနစ်နာရီလောက်မှာ တွေ့ခဲ့ပါတယ်။
မေး - ကားပေါ်မှာ လူ ဘယ်နှစ်ယောက် ပါသလဲ။
ဖြေ - မသိပါဘူး။
"""
WITNESS_TABLE: tuple[tuple[str | int, ...], ...] = (
    ("code", "asked on", "minutes", "language"),
    ("W-01", "2022-03-20", 45, "Burmese"),
    ("W-02", "2022-03-21", 30, "Burmese"),
    ("W-03", "2022-03-24", 60, "English"),
)


def page(title: str, paragraphs: Sequence[str]) -> str:
    """An HTML page of plain paragraphs."""
    body = "\n".join(f"<p>{escape(text)}</p>" for text in paragraphs)
    return (
        '<!DOCTYPE html>\n<html>\n<head><meta charset="utf-8">'
        f"<title>{escape(title)}</title></head>\n<body>\n<h1>{escape(title)}</h1>\n{body}\n</body>\n</html>\n"
    )


def village_letters() -> list[SampleFile]:
    """Files of nothing but words in the first accession."""
    (notice, chat, costs) = (zawgyi for _, zawgyi in ZAWGYI)
    return [
        text_file("စာများ/ရွာလူထု-တိုင်ကြားစာ.txt", COMPLAINT),
        text_file("works/repairs.txt", VILLAGE_WORKS[0]),
        text_file("works/donations.html", page("အလှူခံ စာရင်း", VILLAGE_WORKS[1].splitlines()[2:])),
        text_file("works/meeting-utf16.txt", VILLAGE_WORKS[2], "utf-16"),
        text_file("zawgyi/notice.txt", notice),
        text_file("zawgyi/chat.txt", chat),
        text_file("zawgyi/costs.html", page(costs.splitlines()[0], costs.splitlines()[1:])),
        text_file("statements/ye-u.txt", BURNED_HOUSES),
        *numbered("reports/fires", KITCHENS),
        *numbered("lessons/words", WORD_LISTS),
        *numbered("letters/khin", KHIN),
        *numbered("letters/garden", GARDENS),
        text_file("letters/hopital-latin1.txt", FRENCH_LETTER, "latin-1"),
        text_file("messages/market-chat.txt", CHAT),
    ]


def witness_letters() -> list[SampleFile]:
    """Files of nothing but words in the second accession."""
    return [
        text_file("statements/w-03.txt", WITNESS_TREE),
        *numbered("statements/w-01", WITNESS_STATEMENTS),
        text_file("statements/သက်သေ-၂.txt", WITNESS_BURMESE),
        text_file("notes/interview-utf16.txt", INTERVIEW_NOTES, "utf-16"),
        text_file("statements/w-02.html", page("Statement of a witness", WITNESS_STATEMENTS[1].splitlines()[2:])),
    ]
