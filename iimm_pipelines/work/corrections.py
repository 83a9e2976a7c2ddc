"""Corrections: what a person reads, hears or translates where a machine did before; the machine's text stays.

Here: a correction as a row, and the linguists' queue of what is to be translated and checked, in order.
Not here: corrections of what is known of an accession (accessions/corrections), how the index shows both (work/in_index).

The queue's order: an item for which somebody asked (the code `translate`), then one in which a watch-list or lexicon found
something, then one that somebody tagged; within each, what has no translation before a translation that is not reliable,
and that before a text that a machine read or heard and is not sure of. Equal ones go by number, the oldest first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from iimm_pipelines.accessions.numbers import Number, parse_number, place_of, shard_of
from iimm_pipelines.custody.lineage import ItemUnknown
from iimm_pipelines.holding import Holding
from iimm_pipelines.search.access import Reader, scope
from iimm_pipelines.search.node import NodeError
from iimm_pipelines.search.typed import STARTER
from iimm_pipelines.search.visible import visible
from iimm_pipelines.stages.texts import ORIGINS
from iimm_pipelines.work.codes import TRANSLATE
from iimm_pipelines.work.in_index import TEXT, TRANSLATION, bring_now
from iimm_pipelines.work.record import Kind, New, Row, WorkRefused
from iimm_pipelines.work.watching import watch_again

SIDES = (TEXT, TRANSLATION)
LONGEST = 20_000
_HUMAN, _SEGMENT = {"term": {"maker": "human"}}, {"exists": {"field": "ordinal"}}
_NO_TRANSLATION = {"bool": {"must_not": [
    {"exists": {"field": "translation_machine"}}, {"term": {"corrected": TRANSLATION}}, {"terms": {"language": ["eng", "und"]}}],
    "filter": [{"exists": {"field": "language"}}]}}  # fmt: skip
_DOUBTFUL_TRANSLATION = {"bool": {"filter": [{"term": {"translation_reliable": False}}],
                                  "must_not": [{"term": {"corrected": TRANSLATION}}]}}  # fmt: skip
_DOUBTFUL_TEXT = {"bool": {"filter": [{"term": {"reliable": False}}], "must_not": [{"term": {"corrected": TEXT}}]}}
REASONS: Mapping[str, tuple[dict[str, Any], int]] = {
    "asked for": ({"term": {"tags": TRANSLATE}}, 400),
    "watch-list": ({"exists": {"field": "watch"}}, 200),
    "tagged": ({"exists": {"field": "tags"}}, 100),
    "to translate": (_NO_TRANSLATION, 40),
    "translation to check": (_DOUBTFUL_TRANSLATION, 20),
    "text to check": (_DOUBTFUL_TEXT, 10),
}
"""Why a segment stands where it stands, with what that counts: each outweighs all below it."""
_DUE = ("to translate", "translation to check", "text to check")


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment as machines made it: the text, in normal form where that is known, and its translation."""

    item: Number
    origin: str
    ordinal: int
    text: str
    language: str
    translation: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A segment in the queue, and why it is there."""

    item: str
    origin: str
    ordinal: int
    text: str
    language: str
    translation: str
    why: tuple[str, ...]


def correct(holding: Holding, who: Reader, item: str, origin: str, ordinal: int, side: str, text: str) -> Row:
    """Write down what a person reads, or how they translate it. What they said before of the same ends with it.

    Raises:
        WorkRefused: nothing is written, too much, or the same as the machine's.
        ItemUnknown: there is no such segment, or it is not for this reader: nobody can tell which.
        NodeError: the search node does not answer.
    """
    machine = segment(holding, who, item, origin, ordinal)
    written = text.replace("\r\n", "\n").strip()
    if side not in SIDES:
        raise WorkRefused(f"a correction is of the {' or the '.join(SIDES)}")
    if not written or len(written) > LONGEST:
        raise WorkRefused(f"a text has 1 to {LONGEST} characters")
    if written == (machine.text if side == TEXT else machine.translation).strip():
        raise WorkRefused("this is what stands there already")
    for row in corrections(holding, item).get((origin, ordinal), ()):
        if row.body["side"] == side:
            holding.work.withdraw(who.name, row, "said anew")
    body = {"origin": origin, "ordinal": ordinal, "side": side, "text": written}
    [made] = holding.work.add(who.name, [New(Kind.CORRECTION, item, body)])
    bring_now(holding, [item])
    watch_again(holding, shard_of(machine.item))
    return made


def corrections(holding: Holding, item: str) -> dict[tuple[str, int], list[Row]]:
    """Corrections that stand, by segment; the caller knows that its reader may see the item."""
    found: dict[tuple[str, int], list[Row]] = {}
    for row in holding.work.of_items([item]).get(item, ()):
        if row.kind is Kind.CORRECTION:
            found.setdefault((row.body["origin"], row.body["ordinal"]), []).append(row)
    return found


def segment(holding: Holding, who: Reader, item: str, origin: str, ordinal: int) -> Segment:
    """One segment, from the parts.

    Raises:
        ItemUnknown: there is no such segment, or it is not for this reader.
        NodeError: the search node does not answer.
    """
    if item not in visible(holding, who, [item]) or origin not in ORIGINS:
        raise ItemUnknown(f"there is no item {item}")
    number = parse_number(item)
    at = (shard_of(number), place_of(number))
    outcome = holding.parts.item(origin, *at)
    rows: Sequence[Mapping[str, Any]] = outcome.tables.get("segments", ()) if outcome else ()
    if not 0 <= ordinal < len(rows):
        raise ItemUnknown(f"there is no such segment in {item}")

    def said(stage: str, table: str) -> Mapping[str, Any]:
        found = holding.parts.item(stage, *at)
        rows = found.tables.get(table, ()) if found else ()
        return next((r for r in rows if (r["origin"], r["ordinal"]) == (origin, ordinal)), {})

    normal, english = said("languages", "normal_segments"), said("translations", "translations")
    return Segment(number, origin, ordinal, normal.get("text") or rows[ordinal]["text"], normal.get("language") or "",
                   english.get("text") or "")  # fmt: skip


def queue(holding: Holding, who: Reader, most: int = 50, skip: int = 0) -> tuple[list[Waiting], int]:
    """Segments that a linguist may see and a person has not corrected, first what matters most; and how many there are.

    Raises:
        NodeError: the search node does not run, or does not answer.
    """
    from opensearchpy.exceptions import OpenSearchException

    where = scope(holding, who)
    if not where.indices:
        return [], 0
    if not holding.node.running():
        raise NodeError("the search node does not run: `iimm up` starts it")
    counts = [{"constant_score": {"filter": query, "boost": points, "_name": reason}}
              for reason, (query, points) in REASONS.items()]  # fmt: skip
    due = {"bool": {"should": [REASONS[reason][0] for reason in _DUE], "minimum_should_match": 1}}
    body = {
        "from": skip, "size": most, "track_total_hits": True,
        "query": {"bool": {"filter": [{"terms": {"accession": list(where.accessions)}}, _SEGMENT, due], "must_not": [_HUMAN],
                           "should": counts}},
        "sort": ["_score", {"document": "asc"}],
        "_source": ["item", "origin", "ordinal", "text", "language", "translation", STARTER],
    }  # fmt: skip
    try:
        client = holding.node.reader_client(who.name, sorted(who.marks))
        # Items too, which it rules out: of one index alone, document-level security gives no names of matched queries.
        hits = client.search(index=",".join(where.indices), body=body, params={"ignore_unavailable": "true"})["hits"]
    except OpenSearchException as wrong:  # its own words may quote a document
        said = getattr(wrong, "status_code", "no answer")
        raise NodeError(f"the search node failed: {type(wrong).__name__} ({said})") from None
    return [_waiting(h) for h in hits["hits"]], hits["total"]["value"]


def _waiting(hit: Mapping[str, Any]) -> Waiting:
    fields = hit["_source"]
    language = fields.get("language", "")
    why = tuple(r for r in REASONS if r in hit.get("matched_queries", ()))
    return Waiting(fields["item"], fields["origin"], fields["ordinal"], fields["text"],
                   language if isinstance(language, str) else " ".join(language), fields.get("translation") or fields.get(STARTER, ""), why)  # fmt: skip
