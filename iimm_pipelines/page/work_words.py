"""Words of the pages on which people decide: tags, notes, corrections, watch-lists, lists, marks.

Here: the table, in the form of page/words, which puts it beside its own.
Not here: names of codes and flags, which are the operator's.
"""

from __future__ import annotations

from typing import Final

WORK_WORDS: Final[dict[str, tuple[str, str | None]]] = {
    "work": ("Tags and notes", None),
    "work of": ("Tags and notes of {item}", None),
    "tags": ("Tags", None),
    "flags": ("Flags", None),
    "flagged": ("flagged: {flag}", None),
    "code of tag": ("Code", None),
    "value of tag": ("Value", None),
    "value hint": ("one of the list, or your own words where the code takes them", None),
    "notes": ("Notes", "မှတ်စုများ"),
    "note": ("Note", "မှတ်စု"),
    "add": ("Add", "ထည့်ရန်"),
    "take back": ("Withdraw", None),
    "nothing said": ("Nobody has said anything about this item yet.", None),
    "said by at": ("{by}, {at} UTC", None),
    "ended": ("withdrawn by {by}, {at} UTC", None),
    "former": ("Withdrawn", None),
    "chosen": ("With the chosen hits", None),
    "choose": ("Choose {item}", None),
    "choose hint": ("j and k go from hit to hit, x chooses, t goes to the tag; or all of the first {n}", None),
    "choose all": ("all of the first {n} hits", None),
    "put on list": ("Put on list", None),
    "done n": ("Done for {n} items.", None),
    "not in index yet": ("It stands. It is found in the search when the search node answers again.", None),
    "save search": ("Save this search", None),
    # corrections
    "queue": ("For linguists", None),
    "queue hint": (
        "Most important first: what somebody asked for (the code “translate”), then where a watch-list found something, then "
        "what is tagged; within each, what has no translation, then translations and then texts that a machine doubts.", None),
    "queue empty": ("Nothing waits that you may see.", None),
    "waiting n": ("{n} segments wait", None),
    "segment n": ("segment {n}", None),
    "why asked for": ("asked for", None),
    "why watch-list": ("a watch-list found something", None),
    "why tagged": ("tagged", None),
    "why to translate": ("to translate", None),
    "why translation to check": ("translation to check", None),
    "why text to check": ("text to check", None),
    "correct": ("Correct or translate", None),
    "correct of": ("Text by a human: {item}", None),
    "by machine": ("By a machine, or as it stands in the file", None),
    "your text": ("The text, as you read or hear it", None),
    "your translation": ("The translation into English", None),
    "save": ("Save", "သိမ်းရန်"),
    "text by human": ("text by a human: {by}, {at} UTC", None),
    "translation by human": ("translation by a human: {by}, {at} UTC", None),
    # watch-lists
    "alerts": ("Alerts", "သတိပေးချက်များ"),
    "no alerts": ("No alerts.", None),
    "alerts settled": ("Those that were looked at", None),
    "alerts open": ("Those that nobody has looked at", None),
    "alert": ("Alert", None),
    "found term": ("Found", None),
    "settle": ("Looked at", "ကြည့်ပြီး"),
    "remark": ("Remark", None),
    "watch-lists": ("Watch-lists", None),
    "watch-list": ("Watch-list", None),
    "watch hint": (
        "One term a line: a name in any spelling, or number: 09 421 123 456, unit: LIB 345, place: Hpa-An, hash: SHA-256, "
        "SHA-1 or MD5, text: exactly this.", None),
    "terms": ("Terms", None),
    "new watch-list": ("New watch-list", None),
    "lexicon of": ("lexicon of the operator, flag {flag}, for {team}", None),
    "search its hits": ("its hits in the search", None),
    "end": ("End it", None),
    "owner": ("Whose", None),
    "shared with": ("Shared with", None),
    "share": ("Share", "မျှဝေရန်"),
    "share hint": ("names of accounts with commas between; * is everybody; nothing is nobody", None),
    "share what": ("Sharing shows nobody what they may not see anyway.", None),
    # lists
    "lists": ("Lists and searches", None),
    "list of items": ("List", "စာရင်း"),
    "saved search": ("Saved search", None),
    "new list": ("New list", None),
    "nothing on list": ("Nothing on it that you may see.", None),
    "no lists": ("You have no lists and no saved searches.", None),
    "take off": ("Take off", None),
    "open it": ("Open", "ဖွင့်ရန်"),
    # marks
    "marks": ("Access marks", None),
    "marks hint": (
        "A reader needs all marks of an accession. Who lacks one does not see it from this moment on; who holds them all sees it "
        "when its documents have moved, mostly within a minute.", None),
    "marks now": ("Marks", None),
    "new marks": ("Marks from now on, with commas between", None),
    "change": ("Change", "ပြောင်းရန်"),
    "marks changed": ("{number} has the marks {marks} now.", None),
    "marks moving": ("{n} shards are still to be moved.", None),
    "nothing to mark": ("There is no accession that you may see.", None),
}  # fmt: skip
