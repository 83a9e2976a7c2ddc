"""The six searches shown on the sample, what each must find first, and what must not come before it.

Here: the searches, and the file `searches.toml` in which a person reads them. Not here: how a search is answered
(iimm_pipelines.search).
"""

import json
from dataclasses import dataclass
from enum import StrEnum


class Reader(StrEnum):
    """Who searches: the analyst holds the mark `restricted`, the lead holds `compartment-witness` as well."""

    ANALYST = "analyst"
    LEAD = "lead"


@dataclass(frozen=True, slots=True)
class Search:
    """One search. Paths start with the accession's folder.

    `first_hit` is None where the reader may see nothing; then `hidden` is the file that is not theirs to see.
    `members` are the names from the received file inwards, outermost first.
    The three distractors hold the words of the search more often, but apart from each other.
    """

    id: str
    query: str
    reader: Reader
    shows: str
    distractors: tuple[str, str, str]
    first_hit: str | None = None
    members: tuple[str, ...] = ()
    hidden: str | None = None
    starter: bool = False
    """Whether translations by starter models are searched, which they are not unless that is asked for."""


_COMPLAINT = "accession-1/စာများ/ရွာလူထု-တိုင်ကြားစာ.txt"

SEARCHES = (
    Search(
        id="burmese",
        query="ကျောင်းဆောင် အနောက်ဘက် ရေတွင်း",
        reader=Reader.ANALYST,
        shows="A phrase is found where it is written without spaces, before files that hold its words apart.",
        first_hit=_COMPLAINT,
        distractors=(
            "accession-1/works/repairs.txt",
            "accession-1/works/donations.html",
            "accession-1/works/meeting-utf16.txt",
        ),
    ),
    Search(
        id="zawgyi",
        query="ေက်ာင္းေဆာင္ အေနာက္ဘက္ ေရတြင္း",
        reader=Reader.ANALYST,
        shows="The same phrase typed in Zawgyi finds the same letter, before files written in Zawgyi.",
        first_hit=_COMPLAINT,
        distractors=(
            "accession-1/zawgyi/notice.txt",
            "accession-1/zawgyi/chat.txt",
            "accession-1/zawgyi/costs.html",
        ),
    ),
    Search(
        id="spoken",
        query="crossed the river before sunrise",
        reader=Reader.ANALYST,
        shows="Words that are only spoken, in a recording, are found with their second.",
        first_hit="accession-1/sounds/radio-1.wav",
        distractors=(
            "accession-1/lessons/words-1.txt",
            "accession-1/lessons/words-2.txt",
            "accession-1/lessons/words-3.txt",
        ),
    ),
    Search(
        id="translated",
        query="burned 12 houses",
        reader=Reader.ANALYST,
        shows="English words find a Burmese statement: they stand in its translation only.",
        first_hit="accession-1/statements/ye-u.txt",
        starter=True,
        distractors=(
            "accession-1/reports/fires-1.txt",
            "accession-1/reports/fires-2.txt",
            "accession-1/reports/fires-3.txt",
        ),
    ),
    Search(
        id="place",
        query="Khin-U",
        reader=Reader.LEAD,
        shows="A place is found by its P-code where its name stands in the other script, not by people of that name.",
        first_hit="accession-1/mail/post-bag.zip",
        members=("message.eml", "အမိန့်စာ-၇.html"),
        distractors=(
            "accession-1/letters/khin-1.txt",
            "accession-1/letters/khin-2.txt",
            "accession-1/letters/khin-3.txt",
        ),
    ),
    Search(
        id="hidden",
        query='"buried under the jackfruit tree"',
        reader=Reader.ANALYST,
        shows="The only file with this phrase is not for this reader, who is told nothing: no hit, no count.",
        hidden="accession-2/statements/w-03.txt",
        distractors=(
            "accession-1/letters/garden-1.txt",
            "accession-1/letters/garden-2.txt",
            "accession-1/letters/garden-3.txt",
        ),
    ),
)


def searches_toml() -> str:
    """The six searches as TOML, for people and for programs that do not import this package."""
    return "\n".join(_table(search) for search in SEARCHES)


def _table(search: Search) -> str:
    entries = {
        "id": search.id,
        "query": search.query,
        "reader": search.reader.value,
        "shows": search.shows,
        "first_hit": search.first_hit,
        "members": list(search.members) or None,
        "hidden": search.hidden,
        "starter": search.starter or None,
        "distractors": list(search.distractors),
    }
    # A JSON string or list of strings is the same in TOML.
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in entries.items() if value is not None]
    return "\n".join(["[[search]]", *lines, ""])
