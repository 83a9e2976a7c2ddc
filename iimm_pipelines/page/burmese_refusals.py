"""Burmese of messages that refuse what somebody typed on the page.

Here: by the English message, with `{}` where it names something; what is typed in a search stays as it is.
Not here: the rules that refuse (search, work, people), words of the page (page/burmese_words), messages at a prompt.
"""

from __future__ import annotations

import re
from typing import Final

REFUSALS: Final[dict[str, str]] = {
    # what is looked for
    "{}: takes no *": "{}: တွင် * မသုံးရ",
    "behind person: stands a name, in either script": "person: နောက်တွင် အမည်တစ်ခု ရေးပါ၊ မြန်မာ သို့မဟုတ် အင်္ဂလိပ်အက္ခရာဖြင့်",
    'a quotation mark " is missing': 'မျက်တောင်အမှတ် " တစ်ခု လိုနေသည်',
    "a lexicon is changed at the prompt: `iimm watch lexicon`": "ဝေါဟာရစာရင်းကို အမိန့်ပေးစာဖြင့်သာ ပြောင်းနိုင်သည်- `iimm watch lexicon`",
    "there is a ) too many": "ကွင်းပိတ် ) တစ်ခု ပိုနေသည်",
    "there is no field {}: (there are {}); in quotes it is looked for as it is": "{}: ဟူသော အကွက် မရှိပါ (ရှိသည်မှာ {})။ မျက်တောင်အတွင်း ထည့်ပါက ဤအတိုင်း ရှာသည်",
    "* stands only at the end of a word: villag*; in quotes it is looked for as a sign": "* ကို စကားလုံးအဆုံးတွင်သာ သုံးပါ - villag*။ မျက်တောင်အတွင်း ထည့်ပါက အမှတ်အသားအဖြစ် ရှာသည်",
    "write two words near each other as: monastery ~5 bell": "အနီးအနားရှိ စကားနှစ်လုံးကို ဤသို့ ရေးပါ - monastery ~5 bell",
    "at most {} brackets within each other": "ကွင်းများကို အများဆုံး {} ထပ်သာ ထည့်နိုင်သည်",
    "AND stands between two words": "AND ကို စကားနှစ်လုံးကြားတွင် သုံးပါ",
    "say beside NOT what to look for: monastery NOT bell": "NOT နှင့်အတူ ရှာလိုသည့်စကားကိုလည်း ရေးပါ - monastery NOT bell",
    "something is missing beside OR, or between ( and )": "OR ဘေးတွင် သို့မဟုတ် ( နှင့် ) ကြားတွင် စကားလုံး လိုနေသည်",
    "beside OR, NOT and brackets stand words: there is no letter and no digit in one of them": "OR၊ NOT နှင့် ကွင်းဘေးတွင် စကားလုံး ရေးပါ - တစ်ခုတွင် စာလုံးနှင့် ဂဏန်း မပါပါ",
    "a ) is missing": "ကွင်းပိတ် ) တစ်ခု လိုနေသည်",
    "directly behind {}: stands one word, or several in quotes": "{}: နောက်တွင် ကပ်လျက် စကားတစ်လုံး သို့မဟုတ် မျက်တောင်အတွင်း စကားများ ရေးပါ",
    "~ is followed by how many words may stand between, 0 to {}: ~5": "~ နောက်တွင် ကြားရှိနိုင်သော စကားလုံးအရေအတွက်ကို ရေးပါ၊ 0 မှ {} အထိ - ~5",
    "beside ~ stand whole words, without *": "~ ဘေးတွင် * မပါသော စကားလုံးအပြည့် ရေးပါ",
    "type something to look for, at most {} characters": "ရှာလိုသည်ကို ရိုက်ထည့်ပါ၊ အများဆုံး စာလုံး {} လုံး",
    "type words to look for: there is no letter and no digit in this": "ရှာလိုသည့် စကားလုံး ရိုက်ထည့်ပါ - ဤအထဲတွင် စာလုံးနှင့် ဂဏန်း မပါပါ",
    "type at most {} words; for a longer stretch of a text, put it in quotes": "စကားလုံး အများဆုံး {} လုံး ရိုက်ထည့်ပါ။ ပိုရှည်သော စာသားကို မျက်တောင်အတွင်း ထည့်ပါ",
    "type at least {} letters before *": "* ရှေ့တွင် အနည်းဆုံး စာလုံး {} လုံး ရိုက်ထည့်ပါ",
    "on both sides of ~ stands a word": "~ ၏ ဘေးနှစ်ဖက်တွင် စကားလုံး ရေးပါ",
    "there is no such time; there are: {}": "ထိုသို့သော အချိန် မရှိပါ။ ရှိသည်မှာ {}",
    "write a time as 2024, 2024-05, 2024-05-03 or 2024-05-03T14:30+06:30": "အချိန်ကို ဤသို့ ရေးပါ - 2024၊ 2024-05၊ 2024-05-03 သို့မဟုတ် 2024-05-03T14:30+06:30",
    "the index holds years 2 to 9998": "ခုနှစ် 2 မှ 9998 အထိသာ ရှာနိုင်သည်",
    "write a place as latitude,longitude,kilometres, such as 16.87,96.2,5": "နေရာကို လတ္တီတွဒ်,လောင်ဂျီတွဒ်,ကီလိုမီတာ ဟု ရေးပါ၊ ဥပမာ 16.87,96.2,5",
    "degrees go to 90 and 180, kilometres to 20000": "ဒီဂရီမှာ 90 နှင့် 180 အထိ၊ ကီလိုမီတာမှာ 20000 အထိ ဖြစ်သည်",
    "type a name, in either script": "အမည်တစ်ခု ရိုက်ထည့်ပါ၊ မြန်မာ သို့မဟုတ် အင်္ဂလိပ်အက္ခရာဖြင့်",
    "write a unit with its number, such as LIB 345 or ခမရ ၃၄၅, or as the identifier that hits show": "တပ်ဖွဲ့ကို နံပါတ်နှင့်တကွ ရေးပါ၊ ဥပမာ LIB 345 သို့မဟုတ် ခမရ ၃၄၅၊ သို့မဟုတ် ရလဒ်တွင်ပြသော အမှတ်အတိုင်း",
    "there is no such {}; there are: {}": "ထိုသို့သော {} မရှိပါ။ ရှိသည်မှာ {}",
    # what people decide
    "{}: write 1 to {} characters": "{} - စာလုံး 1 မှ {} လုံးအထိ ရေးပါ",
    "{}: one of {}": "{} - ဤအထဲမှ တစ်ခု - {}",
    "{} stands alone: it has no value": "{} သည် တစ်ခုတည်းသုံးသည်၊ တန်ဖိုး မယူပါ",
    "a code is one of: {}": "ကုဒ်သည် ဤအထဲမှ တစ်ခု ဖြစ်ရမည် - {}",
    "a note has 1 to {} characters": "မှတ်စုတွင် စာလုံး 1 မှ {} လုံးအထိ ရှိရမည်",
    "choose 1 to {} items": "အထောက်အထား 1 မှ {} ခုအထိ ရွေးပါ",
    "this was withdrawn already": "ဤအရာကို ပြန်ရုပ်သိမ်းပြီးဖြစ်သည်",
    "this holds signs that cannot be written down": "ရေးမှတ်၍မရသော အမှတ်အသားများ ပါနေသည်",
    "a correction is of the {}": "ပြင်ဆင်ချက်သည် ဤအတွက်သာ ဖြစ်သည် - {}",
    "a text has 1 to {} characters": "စာသားတွင် စာလုံး 1 မှ {} လုံးအထိ ရှိရမည်",
    "this is what stands there already": "ရှိပြီးသားစာသားနှင့် တူနေသည်",
    "a name has 1 to {} characters": "အမည်တွင် စာလုံး 1 မှ {} လုံးအထိ ရှိရမည်",
    "{} decides with whom this is shared": "မည်သူနှင့်မျှဝေမည်ကို {} က ဆုံးဖြတ်သည်",
    "{} decides when this ends": "မည်သည့်အခါ အဆုံးသတ်မည်ကို {} က ဆုံးဖြတ်သည်",
    "{} decides what this looks for": "ဘာကိုရှာမည်ကို {} က ဆုံးဖြတ်သည်",
    "there is no account {}": "{} ဟူသော အကောင့် မရှိပါ",
    "a watch-list has 1 to {} terms": "စောင့်ကြည့်စာရင်းတွင် စကားလုံး 1 မှ {} ခုအထိ ရှိရမည်",
    "term {} cannot be looked for as a {}": "စကားလုံးအမှတ် {} ကို {} အဖြစ် ရှာ၍မရပါ",
    "a change of marks has a person and a reason: --by and --reason": "အမှတ်ပြောင်းရန် အကြောင်းရင်း ဖြည့်ပါ",
    "{} has these marks already": "{} တွင် ဤအမှတ်များ ရှိပြီးဖြစ်သည်",
    # a second person
    "say why, in at most {} characters": "ဘာကြောင့်ဟု ရေးပါ၊ အများဆုံး စာလုံး {} လုံး",
    "there is no such request": "ထိုသို့သော တောင်းခံမှု မရှိပါ",
    "nobody approves what they asked for themselves": "မိမိတောင်းထားသည်ကို မိမိ သဘောတူ၍ မရပါ",
    "this request does not wait any more, or not for so long": "ဤတောင်းခံမှုသည် မစောင့်ဆိုင်းတော့ပါ သို့မဟုတ် ထိုမျှကြာ၍ မရပါ",
}  # fmt: skip


def _pattern(english: str) -> re.Pattern[str]:
    return re.compile("(.+?)".join(map(re.escape, english.split("{}"))), re.DOTALL)


_PATTERNS = [(_pattern(english), burmese) for english, burmese in REFUSALS.items()]


def in_burmese(english: str) -> str:
    """A message in Burmese; as it is where it is none of these."""
    for pattern, burmese in _PATTERNS:
        if found := pattern.fullmatch(english):
            return burmese.format(*found.groups())
    return english
