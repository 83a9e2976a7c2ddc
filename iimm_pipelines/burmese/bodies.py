"""Bodies that no table names: a place or a matter, and the word for a kind of body behind it.

Here: the University of Mandalay, the township court of Kale, the Ministry of Commerce, by what their names are made of.
Not here: bodies with an identifier (tables, organisations.csv), units of armies (units), names that say nothing of what
they are (recogniser).

A name of a body in Burmese ends with its kind. What stands before that is a place of the gazetteer's larger ones, with
the word for its level or without, or one or several matters: words that end with the word for affairs. Between them and
before the first may stand whose it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from iimm_pipelines.burmese.encoding import normal_text
from iimm_pipelines.burmese.tables import SYLLABLE_ENDS, begins_word, by_beginning, entries

_OF_PLACES = (
    "တက္ကသိုလ်", "ဆေးတက္ကသိုလ်", "နည်းပညာ တက္ကသိုလ်", "ကွန်ပျူတာ တက္ကသိုလ်", "ပညာရေး တက္ကသိုလ်", "စီးပွားရေး တက္ကသိုလ်", "အဝေးသင် တက္ကသိုလ်", "နိုင်ငံခြားဘာသာ တက္ကသိုလ်", "ပညာရေးကောလိပ်",
    "ပညာရေးဒီဂရီကောလိပ်", "ဒီဂရီကောလိပ်", "ကောလိပ်", "ဆေးရုံ", "ဆေးရုံကြီး", "ပြည်သူ့ ဆေးရုံ", "ပြည်သူ့ ဆေးရုံကြီး", "အထွေထွေ ရောဂါကု ဆေးရုံကြီး", "စစ်ဆေးရုံ", "တရားရုံး", "တရားလွှတ်တော်", "အထူး တရားရုံး",
    "ရဲစခန်း", "မြို့မ ရဲစခန်း", "အကျဉ်းထောင်", "ထောင်", "အစိုးရ", "အစိုးရအဖွဲ့", "လွှတ်တော်", "သံရုံး", "လေတပ်", "ရေတပ်", "တပ်မတော်", "ရဲတပ်ဖွဲ့", "စည်ပင်သာယာရေး ကော်မတီ",
    "အုပ်ချုပ်ရေးမှူးရုံး", "အထွေထွေ အုပ်ချုပ်ရေး ဦးစီးဌာန", "ဥပဒေရုံး", "ရွေးကောက်ပွဲ ကော်မရှင်", "အခြေခံပညာ အထက်တန်းကျောင်း",
)  # fmt: skip
_LEVELS = ("မြို့နယ်", "မြို့", "ခရိုင်", "တိုင်းဒေသကြီး", "တိုင်း", "ပြည်နယ်", "နိုင်ငံ", "ပြည်ထောင်စု")
_MATTERS = (
    "ကူးသန်းရောင်းဝယ်ရေး", "စီးပွားရေး", "ပို့ဆောင်ရေး", "ဆက်သွယ်ရေး", "ပို့ဆောင်ရေးနှင့်ဆက်သွယ်ရေး", "ဆောက်လုပ်ရေး", "စိုက်ပျိုးရေး", "မွေးမြူရေး", "ဆည်မြောင်း", "သယံဇာတ", "သဘာဝပတ်ဝန်းကျင်ထိန်းသိမ်းရေး", "လျှပ်စစ်", "စွမ်းအင်",
    "လျှပ်စစ်နှင့်စွမ်းအင်", "ဘဏ္ဍာရေး", "စီမံကိန်း", "စီမံကိန်းနှင့်ဘဏ္ဍာရေး", "စက်မှု", "အလုပ်သမား", "လူဝင်မှုကြီးကြပ်ရေး", "ပြည်သူ့အင်အား", "လူမှုဝန်ထမ်း", "ကယ်ဆယ်ရေး", "ပြန်လည်နေရာချထားရေး", "ဟိုတယ်", "ခရီးသွားလာရေး",
    "သမဝါယမ", "ကျေးလက်ဒေသဖွံ့ဖြိုးရေး", "တိုင်းရင်းသားလူမျိုးများရေးရာ", "တိုင်းရင်းသားရေးရာ", "နယ်စပ်ရေးရာ", "သာသနာရေး", "ယဉ်ကျေးမှု", "အားကစား", "လူငယ်ရေးရာ", "သိပ္ပံ", "နည်းပညာ", "ပညာရေး", "ကျန်းမာရေး", "ပြန်ကြားရေး",
    "ပြည်ထဲရေး", "ကာကွယ်ရေး", "နိုင်ငံခြားရေး", "ဥပဒေရေးရာ", "နိုင်ငံတကာပူးပေါင်းဆောင်ရွက်ရေး", "အဂတိလိုက်စားမှုတိုက်ဖျက်ရေး", "စုံစမ်းစစ်ဆေးရေး", "လူ့အခွင့်အရေး", "ငြိမ်းချမ်းရေး", "လွတ်မြောက်ရေး", "လွတ်လပ်ရေး", "တော်လှန်ရေး",
    "ညီညွတ်ရေး", "တိုးတက်ရေး", "ဖွံ့ဖြိုးရေး", "ဖွံ့ဖြိုးတိုးတက်ရေး", "အုပ်ချုပ်ရေး", "လုံခြုံရေး", "ပတ်ဝန်းကျင်ထိန်းသိမ်းရေး", "ကူညီစောင့်ရှောက်ရေး", "ဖက်ဆစ်ဆန့်ကျင်ရေး", "ပြည်သူ့လွတ်လပ်ရေး", "ဒီမိုကရေစီ", "ဒီမိုကရက်တစ်", "ကွန်မြူနစ်",
    "ဆိုရှယ်လစ်", "ကျောင်းသားများ", "ကျောင်းသား", "လယ်သမား", "တောင်သူလယ်သမား", "အမျိုးသမီး", "အမျိုးသမီးများ", "သစ်တော", "သတ္တုတွင်း", "ရေနံ", "ကုန်သည်များ", "သတင်းစာဆရာ", "ရှေ့နေများ", "ဘောလုံး", "ကြက်ခြေနီ", "ပြည်သူ့ကာကွယ်ရေး",
)  # fmt: skip
_WHOSE = (
    "ပြည်ထောင်စု", "အမျိုးသား", "ပြည်သူ့", "မြန်မာ", "မြန်မာ့", "မြန်မာနိုင်ငံ", "ဗမာ", "ဗမာ့", "ကမ္ဘာ့", "အပြည်ပြည်ဆိုင်ရာ", "နိုင်ငံတကာ", "ကုလသမဂ္ဂ", "နိုင်ငံတော်", "ကရင်", "ကချင်", "ချင်း", "မွန်", "ရခိုင်",
    "ရှမ်း", "ကယား", "ကရင်နီ", "တအာင်း", "ပအိုဝ်း", "တိုင်းရင်းသား", "တက္ကသိုလ်", "တက္ကသိုလ်များ", "အာရှ",
)  # fmt: skip
_OF_MATTERS = (
    "ဝန်ကြီးဌာန", "ဦးစီးဌာန", "ကော်မရှင်", "ကော်မတီ", "ကောင်စီ", "အဖွဲ့ချုပ်", "အဖွဲ့အစည်း", "အဖွဲ့", "ပါတီ", "တပ်မတော်", "တပ်ဖွဲ့", "တပ်ဦး", "တပ်တော်", "သမဂ္ဂ", "အသင်းချုပ်", "အသင်း", "အစည်းအရုံး", "အစိုးရ",
    "ကော်ပိုရေးရှင်း", "ကုမ္ပဏီ", "ဘဏ်", "ဖောင်ဒေးရှင်း", "ကွန်ရက်",
)  # fmt: skip
_OFFICES = ("ဝန်ကြီးဌာန", "ဦးစီးဌာန", "ကော်မရှင်")


def bodies(text: str) -> Iterator[tuple[int, int]]:
    """Where bodies are named in a text in normal form, in order, none over another."""
    for match in _pattern().finditer(text):
        if begins_word(text, match.start()):
            yield match.span()


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    places = [form for entry in entries("places") for form in entry.burmese if len(form) > 3 and "(" not in form]
    place = f"{_any(places)}(?:{_any(_LEVELS)})?"
    whose = f"(?:(?:{_any(_WHOSE)}|{place}) ?)"
    further = rf"(?:(?:\s?(?:နှင့်|နဲ့|၊)\s?|\s)?{_any(_MATTERS)})"
    kind, office = _any(_OF_MATTERS), _any(_OFFICES)
    # one matter alone, of nobody, is a name with an office only: any village has a relief group
    of_matters = f"{whose}{{1,2}}{_any(_MATTERS)}{further}{{0,3}} ?{kind}|{_any(_MATTERS)}(?:{further}{{1,3}} ?{kind}| ?{office})"
    return re.compile(f"(?:{of_matters}|{place} ?{_any(_OF_PLACES)}(?!စု))(?:ကြီး{SYLLABLE_ENDS})?")


def _any(words: Iterable[str]) -> str:
    forms = {normal_text(word, None).text for word in words}
    return by_beginning({form: form.replace(" ", r"\s?") + SYLLABLE_ENDS for form in forms})
