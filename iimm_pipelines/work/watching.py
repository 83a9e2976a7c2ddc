"""Watch-lists: names, numbers, units, places and digests that are looked for in whatever is delivered to the index.

Here: the lists, running them over shards once for each state of the index, and the alerts.
Not here: sharing (work/shelves), mail (work/mail), what a term finds (search/typed).

A list runs over all that is there when it is made, and over each shard again when its documents changed. An alert is a row
of the record: one for an item and list, with the terms that were new. A list may be a lexicon: it then has a flag, which
everybody sees on the items, and a compartment, whose holders alone see list and alerts. Terms are the operator's, in any
language. What a lexicon flags may get the compartment's mark by itself where the operator's file says so: then the whole
accession gets it, since marks are an accession's, with a custody event.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from iimm_pipelines.accessions.items import read_items
from iimm_pipelines.accessions.marks import Because, decide_marks
from iimm_pipelines.accessions.numbers import Shard, accession_of
from iimm_pipelines.burmese.encoding import normal_text
from iimm_pipelines.burmese.units import units
from iimm_pipelines.custody.lineage import ItemUnknown
from iimm_pipelines.holding import Holding
from iimm_pipelines.search.access import Reader
from iimm_pipelines.search.mapping import mapping_digest
from iimm_pipelines.search.node import NodeError, usable_mark
from iimm_pipelines.search.synonyms import Synonyms, load_synonyms
from iimm_pipelines.search.typed import QueryInvalid, read
from iimm_pipelines.search.visible import visible
from iimm_pipelines.stages.patterns import HOME
from iimm_pipelines.work.in_index import bring_now
from iimm_pipelines.work.record import Kind, New, Row, WorkRefused
from iimm_pipelines.work.shelves import Shelf, ShelfUnknown, named, shelves

if TYPE_CHECKING:
    from opensearchpy import OpenSearch

_MOST_TERMS = 2_000
_LONGEST_TERM = 200
_TERMS_AT_ONCE = 50
_MOST_ITEMS = 10_000
"""Of one shard that one term finds. A term that stands in more items of one shard is a word and no name."""
_DIGEST_LENGTHS = {32: "md5", 40: "sha1", 64: "sha256"}

_metadata = sa.MetaData()
_watched = sa.Table(
    "work_watched", _metadata,
    sa.Column("list", sa.String, primary_key=True),
    sa.Column("shard", sa.String, primary_key=True),
    sa.Column("state", sa.String, nullable=False),
)  # fmt: skip
_to_mail = sa.Table(
    "work_to_mail", _metadata,
    sa.Column("alert", sa.String, primary_key=True),
)  # fmt: skip


class TermKind(StrEnum):
    """What a term is, and so how it is looked for."""

    NAME = "name"
    NUMBER = "number"
    UNIT = "unit"
    PLACE = "place"
    HASH = "hash"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Term:
    """Something to look for."""

    kind: TermKind
    text: str


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What makes a watch-list a lexicon: its flag, whose team it is for, and whether that mark is added by itself."""

    flag: str
    compartment: str
    adds_mark: bool = False


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert as its reader sees it. `seen_by` and `remark`: who settled it, and what they said."""

    row: Row
    list: Shelf
    item: Mapping[str, Any]
    seen_by: str = ""
    remark: str = ""


# lists


def make_list(holding: Holding, by: str, name: str, terms: Sequence[Term], lexicon: Lexicon | None = None,
              instead: Shelf | None = None) -> Shelf:  # fmt: skip
    """Make a watch-list, or say one anew with other terms.

    Raises:
        WorkRefused: no name, no terms, too many, or one that cannot be looked for.
    """
    if not terms or len(terms) > _MOST_TERMS:
        raise WorkRefused(f"a watch-list has 1 to {_MOST_TERMS} terms")
    synonyms = _synonyms(holding)
    for number, term in enumerate(terms, 1):
        _check(term, number, synonyms)
    if lexicon is not None and not usable_mark(lexicon.compartment):
        raise WorkRefused("the compartment of a lexicon is an access mark")
    body: dict[str, Any] = {"name": named(name), "terms": [{"kind": t.kind.value, "text": t.text} for t in terms]}
    body |= asdict(lexicon) if lexicon else {}
    if instead is not None:
        holding.work.withdraw(by, instead.row)
        body["owner"] = instead.owner
    [row] = holding.work.add(by, [New(Kind.WATCH_LIST, instead.id if instead else "", body)])
    return Shelf(instead.id if instead else row.id, Kind.WATCH_LIST, row.body["name"], body.get("owner", by), row)


def read_terms(written: str) -> list[Term]:
    """Terms as people type them: one a line, `kind: term`; without a kind it is a name.

    Raises:
        WorkRefused: nothing is written.
    """
    terms = []
    for line in filter(None, map(str.strip, written.splitlines())):
        kind, colon, text = line.partition(":")
        known = colon and kind.strip().casefold() in set(TermKind)
        terms.append(Term(TermKind(kind.strip().casefold()), text.strip()) if known else Term(TermKind.NAME, line))
    return list(dict.fromkeys(terms))


def read_lexicon(file: Path) -> tuple[str, list[Term], Lexicon]:
    """A lexicon's file: name, flag, compartment, and terms by language.

    Raises:
        WorkRefused: it cannot be read, or says not all of it.
    """
    try:
        said = tomllib.loads(file.read_text(encoding="utf-8-sig"))
        by_language: dict[str, list[str]] = said["terms"]
        terms = [Term(TermKind.TEXT, text) for of in by_language.values() for text in of]
        adds = said.get("adds_mark", False)
        lexicon = Lexicon(str(said["flag"]).strip(), str(said["compartment"]).strip(), adds is True)
        if not lexicon.flag or len(lexicon.flag) > 40 or not lexicon.flag.isprintable():
            raise WorkRefused("a lexicon's flag has 1 to 40 characters")
        return str(said["name"]), list(dict.fromkeys(terms)), lexicon
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError) as wrong:
        raise WorkRefused(f"{file} is no lexicon ({type(wrong).__name__}): docs/work.md shows one") from None


def lists(holding: Holding, who: Reader) -> list[Shelf]:
    """Watch-lists whose alerts somebody may see: their own, those shared with them, lexicons of their compartments."""
    rows = shelves_of_all(holding)
    mine = {s.id for s in shelves(holding, who.name, Kind.WATCH_LIST)}
    return [s for s in rows if (_compartment(s) in who.marks if _compartment(s) else s.id in mine)]


def watch_list(holding: Holding, who: Reader, id: str) -> Shelf:
    """One that somebody may see.

    Raises:
        ShelfUnknown: there is none.
    """
    found = next((s for s in lists(holding, who) if s.id == id), None)
    if found is None:
        raise ShelfUnknown
    return found


def shelves_of_all(holding: Holding) -> list[Shelf]:
    """Every watch-list that stands."""
    rows = holding.work.rows(Kind.WATCH_LIST)
    return [Shelf(r.about or r.id, r.kind, r.body["name"], r.body.get("owner", r.by), r) for r in rows]


def _compartment(of: Shelf) -> str:
    return str(of.row.body.get("compartment") or "")


def _check(term: Term, number: int, synonyms: Synonyms) -> None:
    try:
        if not term.text or len(term.text) > _LONGEST_TERM or not term.text.isprintable():
            raise QueryInvalid
        if term.kind is TermKind.HASH:
            if len(bytes.fromhex(term.text)) * 2 not in _DIGEST_LENGTHS:
                raise QueryInvalid
        else:
            _query(term, synonyms)
    except ValueError:
        raise WorkRefused(f"term {number} cannot be looked for as a {term.kind}") from None


# running


def watch(holding: Holding) -> int:
    """Run every list over every delivered shard that it has not seen as it is now; gives how many alerts are new.

    Raises:
        NodeError: the search node does not run, or does not answer.
    """
    from opensearchpy.exceptions import OpenSearchException

    _make_tables(holding)
    due = list(_due(holding))
    if not due:
        return 0
    if not holding.node.running():
        raise NodeError("the search node does not run: `iimm up` starts it")
    count = 0
    try:
        client = holding.node.client("ingest")
        for of, shard, state in due:
            count += _alert(holding, of, _found(client, holding, of, shard))
            with holding.catalogue.writing() as c:
                c.execute(_watched.delete().where(_watched.c.list == of.row.id, _watched.c.shard == shard))
                c.execute(_watched.insert().values(list=of.row.id, shard=shard, state=state))
    except OpenSearchException as wrong:  # its own words quote the terms
        said = getattr(wrong, "status_code", "no answer")
        raise NodeError(f"the search node failed: {type(wrong).__name__} ({said})") from None
    return count


def watch_again(holding: Holding, shard: str) -> None:
    """Have every list run over a shard again, since somebody wrote a text of it anew."""
    _make_tables(holding)
    with holding.catalogue.writing() as c:
        c.execute(_watched.delete().where(_watched.c.shard == shard))


def _make_tables(holding: Holding) -> None:
    with holding.catalogue.writing() as c:
        _metadata.create_all(c)


def _due(holding: Holding) -> Iterator[tuple[Shelf, Shard, str]]:
    standing = shelves_of_all(holding)
    if not standing:
        return
    with holding.catalogue.engine.connect() as c:
        seen = {(r.list, r.shard): r.state for r in c.execute(sa.select(_watched))}
    for shard in holding.catalogue.shards():
        state = holding.catalogue.delivered(shard.number)
        for of in standing if state is not None else ():
            if seen.get((of.row.id, shard.number)) != state:
                yield of, shard.number, state or ""


def _found(client: OpenSearch, holding: Holding, of: Shelf, shard: Shard) -> dict[str, set[str]]:
    """Items of a shard in which terms of a list stand, each with those terms."""
    terms = [Term(TermKind(t["kind"]), t["text"]) for t in of.row.body["terms"]]
    found: dict[str, set[str]] = defaultdict(set)
    digests = {t.text.casefold(): t.text for t in terms if t.kind is TermKind.HASH}
    for item in read_items(holding.parts, shard) if digests else ():
        for digest in (item.object, item.sha1, item.md5):
            if digest is not None and digest.hex() in digests:
                found[item.number].add(digests[digest.hex()])
    synonyms, index = _synonyms(holding), f"iimm-{holding.settings.holding}-*-{mapping_digest()}"
    looked_for = [t for t in terms if t.kind is not TermKind.HASH]
    for begin in range(0, len(looked_for), _TERMS_AT_ONCE):
        batch = looked_for[begin : begin + _TERMS_AT_ONCE]
        body: list[dict[str, Any]] = []
        for term in batch:
            only = {"bool": {"must": [_query(term, synonyms)], "filter": [{"term": {"shard": shard}}],
                             "must_not": [{"term": {"given": "note"}}]}}  # fmt: skip
            items = {"terms": {"field": "item", "size": _MOST_ITEMS}}
            body += [{"index": index}, {"size": 0, "query": only, "aggs": {"items": items}}]
        for term, answer in zip(batch, client.msearch(body=body)["responses"], strict=True):
            if "error" in answer:
                raise NodeError(f"the search node refused a term of a watch-list ({answer['status']})")
            for bucket in answer.get("aggregations", {}).get("items", {}).get("buckets", ()):
                found[bucket["key"]].add(term.text)
    return found


def _query(term: Term, synonyms: Synonyms) -> dict[str, Any]:
    """The query of a term. A name or place is found in all ways of the search, what is a fixed expression as it is written."""
    if term.kind in (TermKind.NAME, TermKind.PLACE):
        return read(term.text, synonyms).query
    asked = [read(f'"{term.text}"', synonyms).query]
    if term.kind is TermKind.UNIT:
        asked += [{"term": {"mentions": f"unit:{u.id}"}} for u in units(normal_text(term.text, None).text)]
    if term.kind is TermKind.NUMBER:
        asked += [read(f'"{form}"', synonyms).query for form in _forms_of(term.text)]
    return {"bool": {"should": asked, "minimum_should_match": 1}}


def _forms_of(number: str) -> Iterator[str]:
    """A telephone number as it is dialled abroad, at home, and as a row of digits."""
    from phonenumbers import NumberParseException, PhoneNumberFormat, format_number, is_possible_number, parse

    digits = "".join(filter(str.isdigit, normal_text(number, None).text))
    if digits:
        yield digits
    try:
        parsed = parse(number, HOME)
    except NumberParseException:
        return
    if is_possible_number(parsed):
        yield format_number(parsed, PhoneNumberFormat.E164)
        yield format_number(parsed, PhoneNumberFormat.NATIONAL)
        yield "".join(filter(str.isdigit, format_number(parsed, PhoneNumberFormat.NATIONAL)))


def _synonyms(holding: Holding) -> Synonyms:
    file = holding.settings.synonyms
    return load_synonyms(file and holding.settings.data / file.expanduser())


def _alert(holding: Holding, of: Shelf, found: Mapping[str, set[str]]) -> int:
    known: dict[str, set[str]] = defaultdict(set)
    for item, rows in holding.work.of_items(found).items():
        for row in rows:
            if row.kind is Kind.ALERT and row.body["list"] == of.id:
                known[item].update(row.body["terms"])
    more = {"flag": of.row.body["flag"]} if of.row.body.get("flag") else {}
    new = [New(Kind.ALERT, item, {"list": of.id, "terms": sorted(terms - known[item]), **more})
           for item, terms in sorted(found.items()) if terms - known[item]]  # fmt: skip
    rows = holding.work.add(f"{'lexicon' if more else 'watch-list'} {of.id}", new)
    if rows and holding.settings.mail is not None:
        with holding.catalogue.writing() as c:
            c.execute(_to_mail.insert(), [{"alert": r.id} for r in rows])
    bring_now(holding, {r.about for r in rows}, len(rows))
    if rows and of.row.body.get("adds_mark"):
        _add_mark(holding, of, {accession_of(r.about) for r in rows})
    return len(rows)


def _add_mark(holding: Holding, of: Shelf, accessions: Iterable[str]) -> None:
    mark = _compartment(of)
    for number in sorted(accessions):
        marks = holding.catalogue.accession(number).marks
        if mark not in marks:
            why = f"its lexicon says that what it flags as {of.row.body['flag']} gets this mark"
            decide_marks(holding, number, [*marks, mark], Because(f"lexicon {of.id}", why))


# alerts


def alerts(holding: Holding, who: Reader, *, settled: bool = False, most: int = 100) -> list[Alert]:
    """Alerts of a reader's lists about items that they may see, newest first; the settled ones where asked for.

    Raises:
        NodeError: the search node does not run, or does not answer.
    """
    mine = {s.id: s for s in lists(holding, who)}
    done = {r.about: r for r in holding.work.rows(Kind.SETTLED)} if mine else {}
    shown: list[Alert] = []
    before: int | None = None
    while mine and len(shown) < most and (rows := holding.work.rows(Kind.ALERT, before=before, most=500)):
        before = rows[-1].number
        asked = [r for r in rows if r.body["list"] in mine and (r.id in done) == settled]
        seen = visible(holding, who, [r.about for r in asked])
        for row in asked:
            if row.about in seen:
                by = done.get(row.id)
                remark = by.body.get("remark", "") if by else ""
                shown.append(Alert(row, mine[row.body["list"]], seen[row.about], by.by if by else "", remark))
    return shown[:most]


def settle(holding: Holding, who: Reader, ids: Sequence[str], remark: str = "") -> int:
    """Say that alerts were looked at; gives how many. Those that are not for this reader are as if they were not there.

    Raises:
        ItemUnknown: there is none of an id, or it is not for this reader.
    """
    mine = {s.id for s in lists(holding, who)}
    rows = [r for r in map(holding.work.row, dict.fromkeys(ids)) if r is not None and r.kind is Kind.ALERT]
    seen = visible(holding, who, [r.about for r in rows])
    asked = [r for r in rows if r.about in seen and r.body["list"] in mine]
    if len(asked) != len(dict.fromkeys(ids)):
        raise ItemUnknown("there is no such alert")
    done = {r.about for r in holding.work.rows(Kind.SETTLED)}
    text = " ".join(remark.split())[:500]
    new = [New(Kind.SETTLED, r.id, {"remark": text} if text else {}) for r in asked if r.id not in done]
    return len(holding.work.add(who.name, new))


def to_mail(holding: Holding) -> list[Row]:
    """Alerts of which no mail tells yet."""
    _make_tables(holding)
    with holding.catalogue.engine.connect() as c:
        ids = list(c.execute(sa.select(_to_mail.c.alert)).scalars())
    return [r for r in map(holding.work.row, ids) if r is not None]


def mailed(holding: Holding, rows: Sequence[Row]) -> None:
    """A mail tells of these."""
    with holding.catalogue.writing() as c:
        for row in rows:
            c.execute(_to_mail.delete().where(_to_mail.c.alert == row.id))
