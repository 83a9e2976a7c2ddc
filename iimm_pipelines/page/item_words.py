"""Words of the item's page and of galleries: what lies around an item, places, what is made playable, who looked before.

Here: the table, in the form of page/words, which puts it beside its own.
"""

from __future__ import annotations

from typing import Final

ITEM_WORDS: Final[dict[str, tuple[str, str | None]]] = {
    "veiled gallery": ("Veiled: nothing can be made out before you open them.", "ပုံများကို မဖွင့်မချင်း ဝှက်ထားသည်။"),
    "open gallery": ("Open the pictures of this page", "ဤစာမျက်နှာ၏ ပုံများကို ဖွင့်ရန်"),
    "tree": ("Around this item", "ဤအရာ၏ ပတ်ဝန်းကျင်"),
    "tree hint": ("What it lies in, what lies beside it, and what lies in it.", "အပြင်၊ ဘေးနှင့် အတွင်းရှိ အရာများ။"),
    "this item": ("this item", "ဤအရာ"),
    "item before": ("The one before", "ရှေ့တစ်ခု"),
    "item after": ("The next one", "နောက်တစ်ခု"),
    "earlier": ("{n} earlier", "ရှေ့ {n} ခု"),
    "later": ("{n} later", "နောက် {n} ခု"),
    "places of item": ("Places", "နေရာများ"),
    "place stated": ("stated by the file: {of}", "ဖိုင်တွင် ပါသည်: {of}"),
    "place named": ("named in the text", "စာသားတွင် ပါသည်"),
    "place named times": ("named in the text, {n} times", "စာသားတွင် {n} ကြိမ် ပါသည်"),
    "coordinates": ("Coordinates", "တည်နေရာ ကိုဩဒိနိတ်"),
    "accuracy": ("within {n} m, as the receiver says", "စက်အဆိုအရ {n} မီတာအတွင်း"),
    "reference not stated": ("the file does not say which system its numbers are of", "မည်သည့်စနစ်ဖြစ်ကြောင်း ဖိုင်တွင် မပါ"),
    "points of it": ("the first of {n} points", "အမှတ် {n} ခုအနက် ပထမ"),
    "map of item": (
        "Squares: stated by the file. Circles: named in the text, at the middle of the place; another of that name may be meant.",
        "လေးထောင့်: ဖိုင်တွင် ပါသည်။ စက်ဝိုင်း: စာသားတွင် ပါသည်၊ နာမည်တူ အခြားနေရာလည်း ဖြစ်နိုင်သည်။"),
    "more places": ("and {n} more", "နောက်ထပ် {n} ခု"),
    "playable do": (
        "Browsers cannot play this format. When you open it, it is made playable; the original stays as it is.",
        "ဤပုံစံကို ဘရောက်ဆာက မဖွင့်နိုင်ပါ။ သင်ဖွင့်သောအခါ ဖွင့်နိုင်အောင် ပြောင်းပေးသည်၊ မူရင်းမှာ မပြောင်းပါ။"),
    "made playable": ("Made playable for browsers: smaller, and no proof. The original stands unchanged.",
                      "ဘရောက်ဆာအတွက် ပြောင်းထားသည်၊ သက်သေမဟုတ်ပါ။ မူရင်းမှာ မပြောင်းပါ။"),
    "lay out do": ("Its pages are laid out when you open it; its text stands beside.",
                   "သင်ဖွင့်သောအခါ စာမျက်နှာများကို ပြပေးမည်။ စာသားကို ဘေးတွင် ဖတ်နိုင်သည်။"),
    "being made": ("It is being made: {percent} %", "ပြောင်းနေသည်: {percent} %"),
    "waits to be made": ("It waits until others are made.", "အခြားဖိုင်များ ပြောင်းပြီးသည်အထိ စောင့်နေသည်။"),
    "is made": ("It is ready.", "ယခု ဖွင့်နိုင်ပါပြီ။"),
    "play it": ("Show it", "ဖွင့်ရန်"),
    "not made": ("It cannot be made: {why}.", "ပြောင်း၍ မရပါ: {why}။"),
    "does not play": ("If it does not play here: make it playable", "မဖွင့်နိုင်ပါက: ပြောင်းရန်"),
    "stills": ("Stills: nine moments of the film", "ရုပ်ရှင်မှ ပုံ ၉ ပုံ"),
    "alt stills": ("Nine moments of the film, in their order", "ရုပ်ရှင်မှ ပုံ ၉ ပုံ အစဉ်လိုက်"),
    "noted before": ("Noted by {by}, {day} UTC", "{by} ၏ မှတ်စု၊ {day} UTC"),
    "of a copy": ("of {item}, which has the same bytes", "{item} (တူညီသော မိတ္တူ)"),
    "opened copies": ("A copy of it, {item}, was opened on {day}", "မိတ္တူ {item} ကို {day} တွင် ဖွင့်ခဲ့သည်"),
    "no view office": ("No pages are shown: LibreOffice is not installed on this machine (Debian's libreoffice-nogui).",
                       "ဤစက်တွင် LibreOffice မရှိသဖြင့် စာမျက်နှာများကို မပြနိုင်ပါ။"),
    "drawn by office": ("Pages as LibreOffice lays them out; another program may lay them out otherwise.",
                        "LibreOffice ဖြင့် ပြထားသော စာမျက်နှာများ။"),
}  # fmt: skip
