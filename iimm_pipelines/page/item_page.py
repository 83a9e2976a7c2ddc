"""An item as the page shows it: texts beside translations, times, properties, what it lies in, its history.

Here: gathering what parts say of an item that a reader may see, in the order in which the page shows it.
Not here: whether they may (search/items), proofs (custody/lineage), templates.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from iimm_pipelines.accessions.numbers import Number, place_of, shard_of
from iimm_pipelines.formats.times import Meaning
from iimm_pipelines.holding import Holding
from iimm_pipelines.page.hits import clock, item_flags, lang_tag, places, span_text, which_text
from iimm_pipelines.page.item_places import ItemPlaces, item_places
from iimm_pipelines.page.records import cells, said
from iimm_pipelines.page.shown import Piece, mention_link, mention_note, mention_pieces
from iimm_pipelines.page.words import Words
from iimm_pipelines.search.documents import given_as
from iimm_pipelines.search.items import Seen
from iimm_pipelines.search.known_places import known_places
from iimm_pipelines.search.when_and_where import TIMES, field_of
from iimm_pipelines.stages.texts import ORIGINS
from iimm_pipelines.work.corrections import corrections

SEGMENTS_OF_A_PAGE = 200

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ByHuman:
    """A correction: of which side, by whom and when."""

    side: str
    text: str
    by: str
    at: str


@dataclass(frozen=True, slots=True)
class ShownSegment:
    """A stretch of text beside its translation, with what a machine had to do with either."""

    id: str
    which: str
    places: tuple[str, ...]
    pieces: tuple[Piece, ...]
    lang: str
    flags: tuple[str, ...]
    translation: tuple[Piece, ...]
    translation_flags: tuple[str, ...]
    mentions: tuple[tuple[str, str], ...]
    said: tuple[tuple[str, str], ...]
    """Of a message, mail, post or call: who, when, to whom, by label."""
    cells: tuple[tuple[str, str], ...]
    """Of a row of a table: values by their columns."""
    page: int | None
    start_ms: int | None
    end_ms: int | None
    origin: str
    ordinal: int
    human: tuple[ByHuman, ...]
    """What people read, heard or translated; the machine's text stands beside it."""


@dataclass(frozen=True, slots=True)
class ShownTime:
    """A time: what happened then, when, as it is written, and who says so."""

    meaning: str
    at: str
    said_by: str


@dataclass(frozen=True, slots=True)
class ShownItem:
    """An item in words of the interface; `segments` are those behind the first `skip`."""

    seen: Seen
    flags: tuple[str, ...]
    segments: tuple[ShownSegment, ...]
    page: int | None
    """Whose segments alone are shown; none for all."""
    skip: int
    total: int
    times: tuple[ShownTime, ...]
    properties: tuple[tuple[str, str], ...]
    places: ItemPlaces


def shown_item(holding: Holding, seen: Seen, w: Words, skip: int, at: str = "", page: int | None = None) -> ShownItem:
    """What the page shows of an item that the reader sees: segments behind `skip`, or with the one that `at` names.

    Of its text that of one page, where one is named.
    """
    number = Number(seen.fields["item"])
    tables = _Tables(holding, number)
    segments = [s for s in _segment_rows(tables) if page is None or s[2].get("page") == page]
    place = next((n for n, (origin, ordinal, _) in enumerate(segments) if f"{origin}-{ordinal}" == at), skip)
    skip = skip if place == skip else place - place % SEGMENTS_OF_A_PAGE
    document = tables.rows("contents", "document")
    stated = tables.rows("contents", "times")
    return ShownItem(
        seen=seen,
        flags=tuple(item_flags(seen.fields, w)),
        segments=tuple(_segments(tables, segments[skip : skip + SEGMENTS_OF_A_PAGE], w)),
        page=page,
        skip=skip,
        total=len(segments),
        times=tuple(_times(seen.fields, stated, w)),
        properties=tuple((m["name"], m["value"]) for d in document for m in d.get("metadata") or ()),
        places=item_places(
            tables.rows("contents", "positions"), tables.rows("entities", "mentions"), known_places(holding.models), w
        ),
    )


class _Tables:
    """Rows of one item by stage and table, each stage read once."""

    def __init__(self, holding: Holding, number: Number) -> None:
        self.holding, self.number = holding, number
        self._parts = holding.parts
        self._shard, self._place = shard_of(number), place_of(number)
        self._read: dict[str, Mapping[str, Sequence[Row]]] = {}

    def rows(self, stage: str, table: str) -> Sequence[Row]:
        """Rows that a stage made of the item; none where it did not run."""
        if stage not in self._read:
            outcome = self._parts.item(stage, self._shard, self._place)
            self._read[stage] = outcome.tables if outcome else {}
        return self._read[stage].get(table, ())

    def by_place(self, stage: str, table: str) -> dict[tuple[str, int], list[Row]]:
        """The same, by the segment that a row belongs to."""
        found: dict[tuple[str, int], list[Row]] = {}
        for row in self.rows(stage, table):
            found.setdefault((row["origin"], row["ordinal"]), []).append(row)
        return found


def _segment_rows(tables: _Tables) -> Iterator[tuple[str, int, Row]]:
    for origin in ORIGINS:
        for ordinal, row in enumerate(tables.rows(origin, "segments")):
            yield origin, ordinal, row


def _segments(tables: _Tables, shown: Sequence[tuple[str, int, Row]], w: Words) -> Iterator[ShownSegment]:
    normal = tables.by_place("languages", "normal_segments")
    translations = tables.by_place("translations", "translations")
    mentions = tables.by_place("entities", "mentions")
    whole = given_as(tables.rows("inventory", "claims"))
    by_people = corrections(tables.holding, tables.number)
    records = tables.rows("contents", "records")
    columns = _columns(tables)
    for origin, ordinal, row in shown:
        at = (origin, ordinal)
        text = next(iter(normal.get(at, ())), None)
        english = next(iter(translations.get(at, ())), None)
        named = mentions.get(at, ())
        record = records[row["record"]] if row.get("record") is not None else {}
        given = {"given": row.get("field"), "maker": row.get("maker")} if origin == "given" else whole
        yield ShownSegment(
            id=f"{origin}-{ordinal}",
            which=which_text({"origin": origin, **given}, w),
            places=tuple(places(row, w)),
            # spans count code points of the normal text, so without it nothing is marked
            pieces=tuple(mention_pieces(text["text"], _on(named, "text")) if text else [Piece(row["text"])]),
            lang=lang_tag(text["language"]) if text else "",
            flags=tuple(_made_by(row, w)),
            translation=tuple(mention_pieces(english["text"], _on(named, "translation"))) if english else (),
            translation_flags=tuple(_translated_by(english, w)) if english else (),
            mentions=tuple((f"{m['text']}: {mention_note(m)}", mention_link(m)) for m in named),
            said=tuple(said(record, w)),
            cells=tuple(cells(row, columns.get(row.get("sheet"), ()), w)),
            page=row.get("page"),
            start_ms=row.get("start_ms"),
            end_ms=row.get("end_ms"),
            origin=origin,
            ordinal=ordinal,
            human=tuple(
                ByHuman(r.body["side"], r.body["text"], r.by, f"{r.when:%Y-%m-%d %H:%M}") for r in by_people.get(at, ())
            ),
        )


def _columns(tables: _Tables) -> dict[str | None, Sequence[str]]:
    """Names of a table's columns, by its sheet."""
    records, found = tables.rows("contents", "records"), {}
    for row in tables.rows("contents", "segments"):
        record = records[row["record"]] if row.get("record") is not None else {}
        if record.get("kind") == "header":
            found[row.get("sheet")] = record.get("columns") or ()
    return found


def _on(mentions: Sequence[Row], side: str) -> list[Row]:
    return [m for m in mentions if (m.get("on") or "text") == side]


def _made_by(row: Row, w: Words) -> Iterator[str]:
    if row.get("model"):
        yield w("read by", model=row["model"])
    if row.get("confidence") is not None:
        yield w("confidence", percent=row["confidence"] // 10_000)
    if row.get("reliable") is False:
        yield w("not reliable")
    if row.get("end_ms") is not None:
        yield f"{clock(row.get('start_ms') or 0)}–{clock(row['end_ms'])}"


def _translated_by(row: Row, w: Words) -> Iterator[str]:
    yield w("translated by", model=row["model"], status=w.term(row.get("status") or ""))
    if not row.get("reliable"):
        yield w("translation not reliable")


def _times(fields: Row, stated: Sequence[Row], w: Words) -> Iterator[ShownTime]:
    """Times that the file states, with who read them; then those of where it lay, of its capture and receipt."""
    for row in stated:
        offset = row.get("offset_minutes")
        clock_of = (
            "" if offset is None else f" {'-' if offset < 0 else '+'}{abs(offset) // 60:02d}:{abs(offset) % 60:02d}"
        )
        written = "" if row["written"] == row["iso"] else f" ({w('as written', text=row['written'])})"
        yield ShownTime(row["meaning"], f"{row['iso']}{clock_of}{written}", w("by file", reader=row["reader"]))
    elsewhere = {Meaning.FILE_MODIFIED: "by file system", Meaning.FILE_MODIFIED_IN_CONTAINER: "by container",
                 Meaning.CAPTURED: "by container", Meaning.RECEIVED: "by register"}  # fmt: skip
    said = {row["meaning"] for row in stated}
    for meaning, by in elsewhere.items():
        for span in () if meaning in said else fields.get(TIMES, {}).get(field_of(meaning), ()):
            yield ShownTime(meaning, span_text(span), w(by))
