"""What the interface for programs is asked, and what it answers: every name, type and limit.

Here: models from which requests are checked, answers are written and the description is made.
Not here: finding what is answered (page/api/answers).

An item's number, an entity's identity and a segment's place never change; names of fields change only with the version
in the address.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from iimm_pipelines.search.entities import Kind
from iimm_pipelines.work.tagging import LONGEST_NOTE, MOST_AT_ONCE

MOST_OF_A_PAGE = 500
MOST_ROWS = 100_000
"""Of an export. Of more there is none, so that nobody takes a part for the whole."""
MOST_ITEMS_OF_A_NETWORK = 5_000
NUMBER = r"^A\d{5}-\d{4}-\d{5}$"
ACCESSION = r"^A\d{5}$"
CODE = r"^[a-z][a-z0-9-]{0,40}$"
IDENTITY = r"^[a-z ]{1,30}:[^\u0000-\u001f]{1,200}$"

_Typed = Annotated[str, Field(max_length=200)]


class Model(BaseModel):
    """What all have: nothing that is not named, and no change afterwards."""

    model_config = ConfigDict(frozen=True, extra="forbid")


# asked


class Nothing(Model):
    """No values."""


class Paged(Model):
    """A list, page by page: `next` of an answer is `cursor` of the following request."""

    cursor: str = Field("", max_length=400, pattern=r"^[A-Za-z0-9_=-]*$", description="`next` of the answer before")
    size: int = Field(100, ge=1, le=MOST_OF_A_PAGE, description="how many at most")


class AskedItems(Paged):
    """Items, by number."""

    accession: str = Field("", pattern=rf"^$|{ACCESSION}")
    kind: _Typed = Field("", description="as `kind` of an item")
    mentions: str = Field("", pattern=rf"^$|{IDENTITY}", description="an identity that they name, such as unit:LIB-345")


class AskedMentions(Paged):
    """What is named in segments. `size` counts segments."""

    entity: str = Field("", pattern=rf"^$|{IDENTITY}", description="an identity, such as unit:LIB-345")
    type: str = Field("", pattern=r"^[a-z ]{0,30}$", description="a type of mention, such as phone")
    accession: str = Field("", pattern=rf"^$|{ACCESSION}")


class AskedRoles(Paged):
    """Who was what, all that is asked told of one person. `size` counts segments."""

    person: _Typed = Field("", description="a name in any spelling")
    rank: _Typed = ""
    unit: _Typed = ""
    organisation: _Typed = ""
    post: _Typed = ""
    accession: str = Field("", pattern=rf"^$|{ACCESSION}")


class AskedSearch(Paged):
    """A search as in the box of the page, and narrowed as there."""

    q: str = Field("", max_length=1_000, description="what to look for: docs/searching.md")
    kind: _Typed = ""
    language: _Typed = ""
    record: _Typed = ""
    sender: _Typed = ""
    after: _Typed = Field("", description="2024, 2024-05 or 2024-05-03")
    before: _Typed = ""
    when: _Typed = Field("", description="event, document, file, capture, receipt, or a meaning")
    near: _Typed = Field("", description="latitude,longitude,kilometres")
    person: _Typed = ""
    rank: _Typed = ""
    unit: _Typed = ""
    organisation: _Typed = ""
    post: _Typed = ""
    tag: _Typed = Field("", description="a tag: code, or code:value")
    flag: _Typed = ""
    size: int = Field(20, ge=1, le=100, description="how many at most")


class AskedExport(Model):
    """A table as a file."""

    format: Literal["csv", "parquet"] = "csv"
    accession: str = Field("", pattern=rf"^$|{ACCESSION}")
    mentions: str = Field(
        "", pattern=rf"^$|{IDENTITY}", description="an identity that items name, such as unit:LIB-345"
    )


class AskedNetwork(Model):
    """Who is named with whom, as a file."""

    accession: str = Field("", pattern=rf"^$|{ACCESSION}")
    mentions: str = Field(
        "", pattern=rf"^$|{IDENTITY}", description="an identity that items name, such as unit:LIB-345"
    )


class AskedSaid(Paged):
    """What people said of items, newest first."""

    kind: Literal["", "tag", "note", "correction"] = ""
    code: str = Field("", pattern=rf"^$|{CODE}")
    by: _Typed = Field("", description="name of an account")
    accession: str = Field("", pattern=rf"^$|{ACCESSION}")


# sent


_Items = Annotated[list[Annotated[str, Field(pattern=NUMBER)]], Field(min_length=1, max_length=MOST_AT_ONCE)]


class SentTag(Model):
    """A tag for items. Sent again, it changes nothing."""

    items: _Items
    code: str = Field(pattern=CODE, description="as `iimm tag codes` lists it")
    value: str = Field("", max_length=100, description="what the code takes, if it takes anything")


class SentNote(Model):
    """A note to items. Sent again, it changes nothing."""

    items: _Items
    text: str = Field(min_length=1, max_length=LONGEST_NOTE)


class SentWithdrawal(Model):
    """The end of a tag, note or correction, whoever said it. Sent again, it changes nothing."""

    row: str = Field(pattern=r"^[0-9a-f]{12}$", description="id of the row")
    why: str = Field("", max_length=500)


# answered


class Problem(Model):
    """Why there is no answer (RFC 9457)."""

    title: str
    status: int
    detail: str


class Me(Model):
    """Who asks."""

    name: str
    role: str
    rights: list[str]
    marks: list[str]


class Span(Model):
    """From the first to the last moment that can be meant, in UTC."""

    first: str
    last: str


class Item(Model):
    """One occurrence of an object in an accession."""

    item: str = Field(pattern=NUMBER)
    accession: str
    name: str
    kind: str
    media_type: str | None
    size: int = Field(description="bytes")
    sha256: str
    relation: str
    parent: str | None
    family: str = Field(description="number of the item that is the family's first")
    times: dict[str, list[Span]] = Field(description="by meaning")
    places: list[str] = Field(description="latitude,longitude in degrees")
    numbers: list[str] = Field(description="in other systems")
    malware: str | None
    kept_shut: bool
    tags: list[str] = Field(description="what people said: code, or code:value")
    flags: list[str]


class Around(Model):
    """Items around one, the first of them by number, and how many there are."""

    items: list[str]
    total: int


class ItemAndAround(Model):
    """An item with what it lies in, its family, what lies in it, and items with the same bytes."""

    item: Item
    above: list[str] = Field(description="from the outermost container down")
    family: Around
    inside: Around
    copies: Around


class Segment(Model):
    """A stretch of text in normal form with its place and its translation."""

    item: str
    origin: str = Field(description="stage that made it")
    ordinal: int = Field(description="its row there, from 0")
    text: str
    language: list[str]
    page: int | None
    sheet: str | None
    row: int | None
    start_ms: int | None
    end_ms: int | None
    machine: str | None = Field(description="model that made the text, where one did")
    reliable: bool | None
    by: str | None = Field(description="human, where one made the text")
    given: str | None = Field(description="what it is, where it was given: a translation, a corrected text …")
    translation: str | None
    translation_machine: str | None
    translation_status: str | None = Field(description="starter or production")
    translation_reliable: bool | None
    record: str | None
    sender: str | None
    mentions: list[str] = Field(description="identities")


class Mention(Model):
    """Something named in a segment, in one spelling."""

    item: str
    origin: str
    ordinal: int
    entity: str = Field(description="identity: type, and what tells it from others")
    spelling: str


class Found(Model):
    """A mention with its span, as the stage found it."""

    item: str
    origin: str
    ordinal: int
    on: str = Field(description="text or translation: where the span lies")
    start: int = Field(description="code points of the normal text")
    end: int
    type: str
    text: str
    normal: str | None
    link: str | None
    key: str | None
    entity: str
    confidence: int | None = Field(description="millionths")
    rule: str | None
    candidates: list[str]


class Role(Model):
    """Who was what, as one sentence tells it and a machine read it."""

    item: str
    origin: str
    ordinal: int
    person: str
    key: str | None
    rank: str | None
    post: str | None
    unit: str | None
    organisation: str | None
    place: str | None
    place_link: str | None
    date: str | None


class Said(Model):
    """What somebody said of an item: a signed row."""

    id: str
    item: str
    kind: Literal["tag", "note", "correction"]
    by: str
    at: str = Field(description="UTC")
    code: str | None
    value: str | None
    text: str | None
    origin: str | None = Field(description="of a correction: the segment's stage, row and side")
    ordinal: int | None
    side: str | None


class Matched(Model):
    """A text that matched: which one, and the stretch around what was found."""

    which: str
    excerpt: str


class Hit(Model):
    """An object that was found, by its best segment."""

    item: str
    origin: str | None
    ordinal: int | None
    score: float
    found: str = Field(description="by which way: as typed, by its sound …")
    matches: list[Matched]
    doubts: list[str] = Field(description="what a machine had to do with it, and what to mind")
    copies: int = Field(description="further items with the same bytes that you may see")


class Counted(Model):
    """An entity and how many segments name it."""

    entity: str
    segments: int


class SpellingOf(Model):
    """A spelling and how many segments have it."""

    spelling: str
    segments: int


class RoleOverTime(Model):
    """Who was what, from the first to the last day that is told with it; some of its segments, of so many."""

    person: str
    key: str
    rank: str
    post: str
    unit: str
    organisation: str
    first: str
    last: str
    segments: int
    sources: list[str] = Field(description="ITEM-ORIGIN-ORDINAL")


class BesideIt(Model):
    """Another entity, and how many items name both."""

    entity: str
    name: str
    items: int


class Entity(Model):
    """What is told of a person, unit, place or organisation. A person is the sound of a name, whoever bears it."""

    entity: str
    name: str
    segments: int
    items: int
    spellings: list[SpellingOf]
    roles: list[RoleOverTime]
    beside: list[BesideIt]


class SaidOfItem(Model):
    """What stands about an item, oldest first."""

    said: list[Said]


class SaidOfAll(Model):
    """A page of what people said."""

    said: list[Said]
    next: str | None


class Written(Model):
    """What was written down now; nothing where all of it stood already."""

    said: list[Said]
    in_index: bool = Field(description="whether a search finds it; else it does in the next round")


class Items(Model):
    """A page of items."""

    items: list[Item]
    next: str | None


class Segments(Model):
    """A page of segments."""

    segments: list[Segment]
    next: str | None


class Mentions(Model):
    """A page of mentions."""

    mentions: list[Mention]
    next: str | None


class FoundMentions(Model):
    """A page of mentions with their spans."""

    mentions: list[Found]
    next: str | None


class Roles(Model):
    """A page of roles."""

    roles: list[Role]
    next: str | None


class Hits(Model):
    """A page of hits. `total` counts objects."""

    hits: list[Hit]
    total: int
    next: str | None


class Entities(Model):
    """A page of entities of one kind, by identity."""

    entities: list[Counted]
    next: str | None


IN_PATH = {
    "number": {"type": "string", "pattern": NUMBER},
    "kind": {"type": "string", "enum": [str(k) for k in Kind]},
    "key": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": r"^[^/\u0000-\u001f]+$"},
    "table": {"type": "string", "enum": ["items", "segments", "mentions", "roles", "said"]},
}
"""Parts of addresses, as the description has them."""
