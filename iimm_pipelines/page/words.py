"""Words of the interface, in English and Burmese.

Here: one table, by key. Where no Burmese stands, the English word is shown: a wrong word is worse than a foreign one.
Not here: anything that comes from evidence, which is shown as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Language(StrEnum):
    """A language of the interface."""

    ENGLISH = "en"
    BURMESE = "my"


_WORDS: Final[dict[str, tuple[str, str | None]]] = {
    "title": ("Evidence", None),
    "skip": ("To the content", None),
    "english": ("English", "English"),
    "burmese": ("မြန်မာ", "မြန်မာ"),
    "interface": ("Language of the page", None),
    "name": ("Name", "အမည်"),
    "password": ("Password", "စကားဝှက်"),
    "code": ("Code", "ကုဒ်"),
    "code hint": ("six digits of your authenticator, where you have one", None),
    "sign in": ("Sign in", "အကောင့်ဝင်ရန်"),
    "sign out": ("Sign out", "ထွက်ရန်"),
    "sign in again": ("You were not signed in, or not any more.", None),
    "by organisation": ("Sign in by your organisation's login", None),
    "by password": ("With a password, for emergencies", None),
    "go on": ("Go on", None),
    "organisation refused": ("Your organisation's login did not let you in here, or not in time. Its groups say who may.", None),
    "organisation down": ("The organisation's login does not answer. Tell who runs this installation.", None),
    "search": ("Search", "ရှာဖွေရန်"),
    "what": ("What to look for", None),
    "how": ("How to search", None),
    "how all": ("All that is typed must stand in one segment: a paragraph, a message, a row, a page.", None),
    "how quotes": ('"in quotes": exactly this, in no other way.', None),
    "how burmese": (
        "A Burmese stretch is looked for as its syllables in this order, with spaces or without; Zawgyi and the spellings "
        "of names in either script meet.", None),
    "how signs": ("* and OR are no commands: every sign is looked for as it is, or does nothing.", None),
    "narrow": ("Narrow down", None),
    "record": ("Record", None),
    "record hint": ("message, post, comment, call, mail, row, cue", None),
    "sender": ("Sender", "ပေးပို့သူ"),
    "after": ("Not before", None),
    "before": ("Not after", None),
    "time hint": ("2024, 2024-05, 2024-05-03", None),
    "when": ("Which time", None),
    "when hint": ("event, document, file, capture, receipt", None),
    "near": ("Near", "အနီး"),
    "near hint": ("latitude,longitude,kilometres", None),
    "person": ("Person", "ပုဂ္ဂိုလ်"),
    "rank": ("Rank", "ရာထူး"),
    "unit": ("Unit", "တပ်ဖွဲ့"),
    "organisation": ("Organisation", "အဖွဲ့အစည်း"),
    "post": ("Post", None),
    "found": ("{n} found", "{n} ခု တွေ့ရှိသည်"),
    "nothing": ("Nothing found.", "ရှာမတွေ့ပါ။"),
    "perhaps": ("Perhaps", None),
    "all": ("all", "အားလုံး"),
    "as list": ("List", "စာရင်း"),
    "as table": ("Table", "ဇယား"),
    "as csv": ("CSV, the first {n} hits", None),
    "next": ("Next page", "နောက်စာမျက်နှာ"),
    "previous": ("Previous page", "ယခင်စာမျက်နှာ"),
    "kind": ("Kind", "အမျိုးအစား"),
    "language": ("Language", "ဘာသာစကား"),
    "item": ("Item", None),
    "date": ("Date", "ရက်စွဲ"),
    "which text": ("Which text", None),
    "text": ("Text", "စာသား"),
    "made by": ("Made by", None),
    "copies": ("and {n} copies", "မိတ္တူ {n} ခု"),
    "same bytes": ("Items with the same bytes", None),
    # which text
    "original": ("original", "မူရင်း"),
    "ocr": ("read from a picture by a machine (OCR)", None),
    "speech": ("speech, heard by a machine", None),
    "machine translation": ("machine translation", "စက်ဘာသာပြန်"),
    "names": ("names found by a machine", None),
    "people": ("sender and recipients", None),
    "file name": ("file name", "ဖိုင်အမည်"),
    "number elsewhere": ("number in another system", None),
    "by a human": ("{what} by a human", None),
    "of another system": ("{what} of another system", None),
    # flags
    "found way": ("found {way}", None),
    "read by": ("read by {model}", None),
    "not reliable": ("not reliable", None),
    "translated by": ("translated by {model} ({status} model)", None),
    "translation not reliable": ("translation not reliable", None),
    "kept shut": ("kept shut", None),
    "malware": ("malware: {signature}", None),
    "deleted": ("taken back or deleted", None),
    "edited": ("changed later", None),
    "ambiguous": ("day, month or half of the day uncertain", None),
    "role": ("role, as a machine read it", None),
    "confidence": ("confidence {percent} %", None),
    # a second person
    "requests": ("Requests", None),
    "requests hint": ("Some compartments are opened only when a second person who holds them has agreed, for a while. Both are named in the log of access.", None),
    "request about": ("Number of the accession, or of an item in it", None),
    "request reason": ("Why it must be opened", None),
    "request send": ("Ask for a second person's agreement", None),
    "requests to decide": ("Asked by others", None),
    "requests mine": ("Asked by you", None),
    "request waits": ("waits", None),
    "request over": ("closed", None),
    "open until": ("open until {time}", None),
    "approve for": ("Agree for {n} h", None),
    "decline": ("Decline", None),
    "end now": ("End now", None),
    "needs eyes": ("A second person must agree before this is opened.", None),
    "closed hits": ("{n} more in compartments that need a second person", None),
    # processing
    "processing": ("Processing", None),
    "all accessions": ("All accessions", None),
    "asked again": ("{n} outcomes will be tried again at the next run.", None),
    "all done": ("Nothing waits.", None),
    "outcomes wait": ("{n} outcomes wait.", None),
    "pace": ("At {n} an hour, as in the last one, all is done by {end}.", None),
    "no pace": ("Nothing was finished within the last hour: no end can be told.", None),
    "runs": ("Runs", None),
    "by month": ("By month", None),
    "health": ("Health of the installation", None),
    "looked at": ("Looked at {time}: {bad} of {n} need somebody", None),
    "what is looked at": ("What", None),
    "state": ("State", None),
    "what mends it": ("What mends it", None),
    "failures": ("Failures", None),
    "no failures": ("Nothing failed.", None),
    "still counting": ("Counted in {read} of {n} parts so far: load the page again.", None),
    "reason": ("Reason", "အကြောင်းရင်း"),
    "how many": ("How many", None),
    "what to do": ("What to do", None),
    "try again": ("Try again", None),
    "try again by reason": ("Try again by reason", None),
    "steps": ("Steps", None),
    "waiting": ("Waiting", None),
    "done": ("Done", "ပြီး"),
    "failed": ("Failed", None),
    "shards": ("Shards", None),
    "shard": ("Shard", None),
    "items": ("Items", None),
    "files": ("Files", "ဖိုင်များ"),
    "worked on": ("worked on now", None),
    "accessions": ("Accessions", None),
    "source": ("Source", None),
    "registered": ("Registered", None),
    "urgent": ("urgent", "အရေးကြီး"),
    "pages": ("Pages", None),
    "month": ("Month", "လ"),
    "items done": ("Items done", None),
    # places
    "page": ("page {n}", "စာမျက်နှာ {n}"),
    "row": ("row {n}", None),
    "sheet": ("sheet {n}", None),
    "at": ("at {n}", None),
    # item
    "texts": ("Text and translation", "စာသားနှင့် ဘာသာပြန်"),
    "translation": ("Translation", "ဘာသာပြန်"),
    "no text": ("No text stands in this item, or none was found.", None),
    "no translation": ("no translation", None),
    "segments shown": ("Segments {first} to {last} of {n}", None),
    "mentions": ("{n} names and numbers found by a machine", None),
    "about": ("About this item", None),
    "type": ("Type", None),
    "size": ("Size", "အရွယ်အစား"),
    "bytes": ("{n} bytes", None),
    "sha256": ("SHA-256", "SHA-256"),
    "accession": ("Accession", None),
    "times": ("Times", "အချိန်များ"),
    "time": ("Time", "အချိန်"),
    "meaning": ("What happened", None),
    "said by": ("Where it comes from", None),
    "as written": ("as written: {text}", None),
    "by file": ("the file itself, read by {reader}", None),
    "by file system": ("the file system it was received from", None),
    "by container": ("the container it lay in", None),
    "by register": ("the register of accessions", None),
    "properties": ("What the file states of itself", None),
    "place": ("Where it lies", "နေရာ"),
    "family": ("Family", None),
    "inside": ("Inside it", None),
    "more": ("and {n} more", None),
    "history": ("History and proof", None),
    "history hint": ("Every step that this item rests on, checked now.", None),
    "step": ("Step", None),
    "outcome": ("Outcome", None),
    "verdict": ("Verdict", None),
    "proven": ("signature, path and log hold (entry {n})", None),
    "waits": ("signature and path hold; not yet in the log", None),
    "broken": ("THE PROOF DOES NOT HOLD. Tell the evidence manager now; `iimm verify` names every fault.", None),
    "finished": ("Finished", None),
    "custody": ("Custody of its accession, and its own", None),
    "event": ("Event", None),
    "of": ("Of", None),
    "leaf": ("Leaf", None),
    "back to item": ("Back to the item", None),
    "recognised_text": ("OCR", "OCR"),
    # persons, units, places, organisations
    "entity person": ("Person", "ပုဂ္ဂိုလ်"),
    "entity unit": ("Unit", "တပ်ဖွဲ့"),
    "entity place": ("Place", "နေရာ"),
    "entity organisation": ("Organisation", "အဖွဲ့အစည်း"),
    "by sound": ("Names that sound alike are put together, whoever bears them: this is where to look, not who somebody is.", None),
    "named in": ("named in {segments} segments of {items} items that you may see", None),
    "spellings": ("Spellings", None),
    "roles over time": ("Roles over time, as a machine read them", None),
    "first day": ("From", None),
    "last day": ("To", None),
    "sources": ("Sources", None),
    "named beside": ("Named in the same items", None),
    "in items": ("in {n} items", None),
    "all mentions": ("All mentions", None),
    "these mentions": ("Mentions, narrowed", None),
    "mentions listed": ("{n} segments", None),
    "most only": ("These are the most frequent.", None),
    "first page": ("First page", None),
    # faults
    "refused": ("Not possible", None),
    "not allowed": ("Your role does not include this.", None),
    "not there": ("There is nothing under this address.", None),
    "form old": ("This form is no longer valid: go back, load the page again, and send it once more.", None),
    "went wrong": ("Something went wrong here. Nothing was changed.", None),
    "node down": ("The search node does not answer. Tell who runs this installation.", None),
    "dagster down": ("Dagster does not run: `iimm up --ui` starts it.", None),
    "names file": ("The operator's file of names cannot be used. Tell who runs this installation.", None),
}  # fmt: skip


def without_burmese() -> list[str]:
    """Keys whose Burmese is missing."""
    return [key for key, (_, burmese) in _WORDS.items() if burmese is None]


@dataclass(frozen=True, slots=True)
class Words:
    """The words in one language, as templates call them."""

    language: Language

    def __call__(self, key: str, **values: object) -> str:
        """The word or sentence of a key, with its values put in."""
        english, burmese = _WORDS[key]
        chosen = burmese if self.language is Language.BURMESE and burmese else english
        return chosen.format(**values) if values else chosen
