"""Answers to programs: one function for each route, and the event of access that it writes before it answers.

Here: from a checked request to a model or a file, as the reader who asks.
Not here: what models hold (page/api/contracts), how tables and networks become files (page/api/files), guarding (page/app).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.responses import Response

from iimm_pipelines.accessions.numbers import NotANumber, Number, parse_number, place_of, shard_of
from iimm_pipelines.custody.lineage import ItemUnknown
from iimm_pipelines.page.api import contracts as c
from iimm_pipelines.page.api import files
from iimm_pipelines.page.hits import shown_hit
from iimm_pipelines.page.search_page import wanted
from iimm_pipelines.page.visit import CannotBeAsked, NotThere, Visit
from iimm_pipelines.people.access_log import What
from iimm_pipelines.people.rights import Right
from iimm_pipelines.search.asking import UNSHOWN, Asking, Query, asking
from iimm_pipelines.search.entities import EntityUnknown, Kind
from iimm_pipelines.search.entities import entity as ask_for_entity
from iimm_pipelines.search.items import Seen, Some, seen
from iimm_pipelines.search.named import MENTIONS, SPELLINGS, apart, identity
from iimm_pipelines.search.query import DEEPEST
from iimm_pipelines.search.query import search as ask_for_hits
from iimm_pipelines.search.typed import QueryInvalid
from iimm_pipelines.search.when_and_where import PLACES, TIMES, AskedInvalid
from iimm_pipelines.search.who_was_what import OF_ONE, ROLES, AskedRole
from iimm_pipelines.work import tagging
from iimm_pipelines.work.record import Kind as WorkKind
from iimm_pipelines.work.record import Row, WithdrawnAlready, WorkRefused
from iimm_pipelines.work.said import KINDS, AskedRows, said
from iimm_pipelines.work.tagging import standing

_AT_ONCE = 2_000
_SCRIPT = "application/json"
A = TypeVar("A", bound=c.Model)


def me(visit: Visit) -> Response:
    """Who asks."""
    known = visit.known
    rights = sorted(str(right) for right in Right if known.may(right))
    return _json(c.Me(name=known.name, role=known.role, rights=rights, marks=sorted(known.marks)))


def search(visit: Visit) -> Response:
    """Hits, as on the page."""
    asked = _asked(visit, c.AskedSearch)
    skip = _whole(asked.cursor)
    if skip + asked.size > DEEPEST:
        raise CannotBeAsked(f"no more than the first {DEEPEST} hits are given: narrow the search down")
    what = wanted({n: v for n, v in asked.model_dump(exclude={"cursor", "size"}).items() if v})
    if not what.anything:
        raise CannotBeAsked("say what to look for: q, or a role")
    try:
        found = ask_for_hits(visit.holding, visit.reader, what.q, asked.size, what.narrowing, skip)
    except (QueryInvalid, AskedInvalid) as wrong:
        raise CannotBeAsked(str(wrong)) from None
    visit.note(What.SEARCHED, query=visit.here, hits=found.total)
    hits = []
    for hit in found.hits:
        shown = shown_hit(hit, visit.w)
        matches = [c.Matched(which=m.which, excerpt=m.plain) for m in shown.matches]
        hits.append(c.Hit(item=hit.item, origin=hit.fields.get("origin"), ordinal=hit.fields.get("ordinal"), score=hit.score,
                          found=str(hit.way), matches=matches, doubts=list(shown.flags), copies=hit.copies))  # fmt: skip
    further = skip + len(hits) < min(found.total, DEEPEST) and len(hits) == asked.size
    return _json(c.Hits(hits=hits, total=found.total, next=_cursor(str(skip + asked.size)) if further else None))


def items(visit: Visit) -> Response:
    """Items by number."""
    asked = _asked(visit, c.AskedItems)
    filters = [*_of(asked.accession, asked.mentions), *([{"term": {"kind": asked.kind}}] if asked.kind else [])]
    with asking(visit.holding, visit.reader) as ask:
        found = _page(ask, "items", filters, asked, "item")
    visit.note(What.SEARCHED, query=visit.here, hits=len(found))
    return _json(c.Items(items=[_item(f) for f in found], next=_next(found, asked.size, "item")))


def item(visit: Visit) -> Response:
    """One item with what is around it."""
    found = _opened(visit)
    return _json(c.ItemAndAround(item=_item(found.fields), above=[str(over["item"]) for over in found.above],
                                 family=_around(found.family), inside=_around(found.inside), copies=_around(found.copies)))  # fmt: skip


def segments_of_item(visit: Visit) -> Response:
    """Texts and translations of an item, in order."""
    asked = _asked(visit, c.Paged)
    number = str(_opened(visit).fields["item"])
    after: dict[str, Any] = {}
    if asked.cursor:
        origin, ordinal, document = (*_text(asked.cursor).split("|"), "", "")[:3]
        after = {"search_after": [origin, _whole_number(ordinal), document]}
    with asking(visit.holding, visit.reader) as ask:
        hits = ask.search("segments", [{"term": {"item": number}}, _OF_TEXTS], size=asked.size,
                          sort=[{"origin": "asc"}, {"ordinal": "asc"}, {"document": "asc"}],
                          _source={"excludes": list(UNSHOWN)}, **after)  # fmt: skip
    found = [hit["_source"] for hit in hits["hits"]["hits"]]
    last = "|".join(map(str, hits["hits"]["hits"][-1]["sort"])) if len(found) == asked.size else ""
    return _json(c.Segments(segments=[_segment(f) for f in found], next=_cursor(last) if last else None))


def mentions_of_item(visit: Visit) -> Response:
    """What was found in an item, with spans."""
    asked = _asked(visit, c.Paged)
    skip = _whole(asked.cursor)
    number = Number(_opened(visit).fields["item"])
    outcome = visit.holding.parts.item("entities", shard_of(number), place_of(number))
    rows = outcome.tables.get("mentions", ()) if outcome else ()
    some = rows[skip : skip + asked.size]
    further = skip + len(some) < len(rows)
    names = ("origin", "ordinal", "start", "end", "type", "text", "normal", "link", "key", "confidence", "rule")
    found = [
        c.Found.model_validate({**{n: row.get(n) for n in names}, "item": number, "entity": identity(row),
                                "candidates": row.get("candidates") or [], "on": row.get("on") or "text"})
        for row in some
    ]  # fmt: skip
    return _json(c.FoundMentions(mentions=found, next=_cursor(str(skip + len(some))) if further else None))


def mentions(visit: Visit) -> Response:
    """What is named in segments of all items."""
    asked = _asked(visit, c.AskedMentions)
    filters = [*_of(asked.accession, asked.entity), _exists(asked.type)]
    with asking(visit.holding, visit.reader) as ask:
        found = _page(ask, "segments", filters, asked, "document", with_spellings=True)
    visit.note(What.SEARCHED, query=visit.here, hits=len(found))
    rows = [
        m for f in found for m in _mentions(f) if asked.entity in ("", m.entity) and m.entity.startswith(asked.type)
    ]
    return _json(c.Mentions(mentions=rows, next=_next(found, asked.size, "document")))


def roles(visit: Visit) -> Response:
    """Who was what."""
    asked = _asked(visit, c.AskedRoles)
    try:
        role = AskedRole(asked.person, asked.rank, asked.unit, asked.organisation, asked.post)
        told = role.filters() or [dict(_TELLS_ROLES)]
    except AskedInvalid as wrong:
        raise CannotBeAsked(str(wrong)) from None
    after = {"search_after": [_text(asked.cursor)]} if asked.cursor else {}
    with asking(visit.holding, visit.reader) as ask:
        hits = ask.search("segments", [*_of(asked.accession, ""), *told], size=asked.size, sort=[{"document": "asc"}],
                          _source=["document", "item", "origin", "ordinal", ROLES], **after)  # fmt: skip
    found = hits["hits"]["hits"]
    visit.note(What.SEARCHED, query=visit.here, hits=len(found))
    rows = [_role(h["_source"], one) for h in found for one in role.among(h["_source"].get(ROLES, ()))]
    return _json(c.Roles(roles=rows, next=_next([h["_source"] for h in found], asked.size, "document")))


def entities(visit: Visit) -> Response:
    """Entities of a kind, with how many segments name each."""
    asked = _asked(visit, c.Paged)
    if visit.path["kind"] not in set(Kind):
        raise NotThere
    begin = f"{visit.path['kind']}:"
    after = _text(asked.cursor) if asked.cursor else begin
    composite = {"size": asked.size, "sources": [{"of": {"terms": {"field": MENTIONS}}}], "after": {"of": after}}
    with asking(visit.holding, visit.reader) as ask:
        counted = ask.search(
            "segments", [{"prefix": {MENTIONS: begin}}], size=0, aggs={"all": {"composite": composite}}
        )
    buckets = counted["aggregations"].get("all", {}).get("buckets", [])
    found = [
        c.Counted(entity=b["key"]["of"], segments=b["doc_count"]) for b in buckets if b["key"]["of"].startswith(begin)
    ]
    visit.note(What.SEARCHED, query=visit.here, hits=len(found))
    return _json(c.Entities(entities=found, next=_cursor(found[-1].entity) if len(found) == asked.size else None))


def entity(visit: Visit) -> Response:
    """Everything told of one entity, as on its page."""
    _asked(visit, c.Nothing)
    kind, key = visit.path["kind"], visit.path["key"]
    if kind not in set(Kind):
        raise NotThere
    try:
        found = ask_for_entity(visit.holding, visit.reader, Kind(kind), key, most=1)
    except EntityUnknown:
        visit.note(What.SEARCHED, query=visit.here, hits=0)
        raise NotThere from None
    visit.note(What.SEARCHED, query=visit.here, hits=found.segments)
    names = ("person", "key", "rank", "post", "unit", "organisation", "first", "last", "segments")
    return _json(c.Entity(
        entity=f"{kind}:{key}", name=found.name, segments=found.segments, items=found.items,
        spellings=[c.SpellingOf(spelling=s.text, segments=s.segments) for s in found.spellings],
        roles=[c.RoleOverTime(**{n: getattr(r, n) for n in names}, sources=[s.document for s in r.sources])
               for r in found.roles],
        beside=[c.BesideIt(entity=f"{b.kind}:{b.key}", name=b.name, items=b.items) for of in found.beside.values() for b in of],
    ))  # fmt: skip


def said_of_item(visit: Visit) -> Response:
    """What people said of an item."""
    _asked(visit, c.Nothing)
    found = standing(visit.holding, str(_opened(visit).fields["item"]))
    rows = sorted((*found.tags, *found.notes, *found.corrections), key=lambda row: row.number)
    return _json(c.SaidOfItem(said=[_said(row) for row in rows]))


def said_of_all(visit: Visit) -> Response:
    """What people said of all items, newest first."""
    asked = _asked(visit, c.AskedSaid)
    kinds = (WorkKind(asked.kind),) if asked.kind else KINDS
    try:
        rows = said(visit.holding, visit.reader, AskedRows(kinds, asked.code, asked.by, asked.accession), asked.size,
                    _text(asked.cursor) if asked.cursor else "")  # fmt: skip
    except WorkRefused:
        raise CannotBeAsked(_NO_CURSOR) from None
    visit.note(What.SEARCHED, query=visit.here, hits=len(rows))
    return _json(c.SaidOfAll(said=[_said(row) for row in rows],
                             next=_cursor(rows[-1].id) if len(rows) == asked.size else None))  # fmt: skip


def tag(visit: Visit) -> Response:
    """A tag for items, as their reader says it."""
    sent = _sent(visit, c.SentTag)
    return _written(visit, lambda: tagging.tag(visit.holding, visit.reader, sent.items, sent.code, sent.value))


def note(visit: Visit) -> Response:
    """A note to items."""
    sent = _sent(visit, c.SentNote)
    return _written(visit, lambda: tagging.note(visit.holding, visit.reader, sent.items, sent.text))


def withdraw(visit: Visit) -> Response:
    """The end of what somebody said."""
    sent = _sent(visit, c.SentWithdrawal)
    may = visit.known.may(Right.CORRECT_TEXT)
    return _written(visit, lambda: tagging.withdraw(visit.holding, visit.reader, sent.row, sent.why, may_correct=may))


def _written(visit: Visit, write: Callable[[], tagging.Said]) -> Response:
    """What was written down. What stood already is not written again: a program that got no answer asks again."""
    try:
        done = write()
    except WithdrawnAlready:
        done = tagging.Said((), in_index=True)
    except ItemUnknown:
        visit.note(What.REFUSED)
        raise NotThere from None
    except WorkRefused as refused:
        raise CannotBeAsked(str(refused)) from None
    return _json(c.Written(said=[_said(row) for row in done.rows if row.kind in KINDS], in_index=done.in_index))


def export(visit: Visit) -> Response:
    """A table of all that a reader may see, as a file."""
    asked = _asked(visit, c.AskedExport)
    table = visit.path["table"]
    tables: dict[str, tuple[type[c.Model], Any]] = {
        "items": (c.Item, lambda f: [_item(f)]),
        "segments": (c.Segment, lambda f: [_segment(f)]),
        "mentions": (c.Mention, _mentions),
        "roles": (c.Role, _roles_in),
    }
    if table == "said":
        return _export_of_said(visit, asked)
    if table not in tables:
        raise NotThere
    model, rows_of = tables[table]
    besides: dict[str, list[Query]] = {"segments": [_OF_TEXTS], "mentions": [_exists("")], "roles": [_TELLS_ROLES]}
    filters = [*_of(asked.accession, asked.mentions), *besides.get(table, ())]
    rows: list[c.Model] = []
    with asking(visit.holding, visit.reader) as ask:
        for fields in _all(ask, "items" if table == "items" else "segments", filters, c.MOST_ROWS):
            rows.extend(rows_of(fields))
            if len(rows) > c.MOST_ROWS:
                raise CannotBeAsked(_TOO_MANY)
    visit.note(What.DOWNLOADED, query=visit.here)
    return _table(asked, table, model, rows)


def _export_of_said(visit: Visit, asked: c.AskedExport) -> Response:
    if asked.mentions:
        raise CannotBeAsked("mentions: this table is narrowed by accession only")
    rows = said(visit.holding, visit.reader, AskedRows(accession=asked.accession), c.MOST_ROWS + 1)
    if len(rows) > c.MOST_ROWS:
        raise CannotBeAsked(_TOO_MANY)
    visit.note(What.DOWNLOADED, query=visit.here)
    return _table(asked, "said", c.Said, [_said(row) for row in rows])


def _table(asked: c.AskedExport, name: str, model: type[c.Model], rows: Sequence[c.Model]) -> Response:
    if asked.format == "parquet":
        return _file(files.as_parquet(model, rows), files.PARQUET, f"{name}.parquet")
    return _file(files.as_table(model, rows), files.CSV, f"{name}.csv")


def network(visit: Visit) -> Response:
    """Who is named with whom in the same items, as GraphML."""
    asked = _asked(visit, c.AskedNetwork)
    with asking(visit.holding, visit.reader) as ask:
        found = _all(ask, "items", [*_of(asked.accession, asked.mentions), _exists("")], c.MOST_ITEMS_OF_A_NETWORK)
        try:
            graph = files.as_graphml(fields.get(SPELLINGS, []) for fields in found)
        except files.TooManyPairs:
            raise CannotBeAsked(f"more than {files.MOST_PAIRS} pairs: narrow it down") from None
    visit.note(What.DOWNLOADED, query=visit.here)
    return _file(graph, files.GRAPHML, "network.graphml")


# requests


_TOO_MANY = f"more than {c.MOST_ROWS} rows: narrow the export down, by accession say"


def _asked(visit: Visit, model: type[A]) -> A:
    try:
        return model.model_validate(dict(visit.values))
    except ValidationError as wrong:
        raise CannotBeAsked(_why(wrong)) from None


def _sent(visit: Visit, model: type[A]) -> A:
    _asked(visit, c.Nothing)
    if isinstance(visit.body, CannotBeAsked):
        raise visit.body
    try:
        return model.model_validate_json(visit.body)
    except ValidationError as wrong:
        raise CannotBeAsked(_why(wrong)) from None


def _why(wrong: ValidationError) -> str:
    """Where something is wrong and why, without what it was."""
    said = wrong.errors(include_url=False, include_context=False, include_input=False)[0]
    at = ".".join(str(at) for at in said["loc"])[:100]
    return f"{at}: {said['msg']}" if at else said["msg"]


def _opened(visit: Visit) -> Seen:
    try:
        number = parse_number(visit.path["number"])
    except NotANumber:
        raise NotThere from None
    try:
        found = seen(visit.holding, visit.reader, number)
    except ItemUnknown:
        visit.note(What.REFUSED, subject=number)
        raise NotThere from None
    visit.note(What.OPENED, subject=number)
    return found


def _cursor(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode("ascii")


def _text(cursor: str) -> str:
    try:
        return base64.b64decode(cursor.encode(), altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise CannotBeAsked(_NO_CURSOR) from None


_NO_CURSOR = "cursor: give `next` of the answer before as it stands there"


def _whole(cursor: str) -> int:
    return _whole_number(_text(cursor)) if cursor else 0


def _whole_number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise CannotBeAsked(_NO_CURSOR)
    return int(text)


# the index


def _of(accession: str, mentions: str) -> Iterator[Query]:
    if accession:
        yield {"term": {"accession": accession}}
    if mentions:
        yield {"term": {MENTIONS: mentions}}


_OF_TEXTS: Query = {"exists": {"field": "ordinal"}}
"""Segments and what people wrote in their place; not what they noted of a whole item."""


_TELLS_ROLES: Query = {"exists": {"field": OF_ONE}}


def _exists(type: str) -> Query:
    return {"prefix": {MENTIONS: f"{type}:"}} if type else {"exists": {"field": MENTIONS}}


def _page(ask: Asking, kind: Any, filters: list[Query], asked: c.Paged, by: str,
          with_spellings: bool = False) -> list[Mapping[str, Any]]:  # fmt: skip
    after = {"search_after": [_text(asked.cursor)]} if asked.cursor else {}
    unshown = [n for n in UNSHOWN if n != SPELLINGS or not with_spellings]
    hits = ask.search(kind, filters, size=asked.size, sort=[{by: "asc"}], _source={"excludes": unshown}, **after)
    return [hit["_source"] for hit in hits["hits"]["hits"]]


def _next(found: list[Mapping[str, Any]], size: int, by: str) -> str | None:
    return _cursor(found[-1][by]) if len(found) == size else None


def _all(ask: Asking, kind: Any, filters: list[Query], most: int) -> Iterator[Mapping[str, Any]]:
    """All documents, in order.

    Raises:
        CannotBeAsked: there are more than `most`.
    """
    by = "item" if kind == "items" else "document"
    after: dict[str, Any] = {}
    unshown = [n for n in UNSHOWN if n != SPELLINGS]
    while True:
        found = ask.search(kind, filters, size=_AT_ONCE, sort=[{by: "asc"}], _source={"excludes": unshown},
                           track_total_hits=True, **after)["hits"]  # fmt: skip
        if found["total"]["value"] > most:
            raise CannotBeAsked(_TOO_MANY if most == c.MOST_ROWS else f"more than {most} items: narrow it down")
        yield from (hit["_source"] for hit in found["hits"])
        if len(found["hits"]) < _AT_ONCE:
            return
        after = {"search_after": found["hits"][-1]["sort"]}


def _item(fields: Mapping[str, Any]) -> c.Item:
    spans = {
        meaning: [c.Span(first=s["gte"], last=s["lte"]) for s in found]
        for meaning, found in fields.get(TIMES, {}).items()
    }
    names = ("item", "accession", "kind", "media_type", "size", "relation", "parent", "family", "malware")
    return c.Item.model_validate({
        **{n: fields.get(n) for n in names},
        "name": fields.get("name", ""),
        "sha256": fields["object"],
        "times": spans,
        "places": _list(fields.get(PLACES)),
        "numbers": _list(fields.get("number")),
        "kept_shut": bool(fields.get("kept_shut")),
        "tags": _list(fields.get("tags")),
        "flags": _list(fields.get("flags")),
    })  # fmt: skip


def _said(row: Row) -> c.Said:
    names = ("code", "value", "text", "origin", "ordinal", "side")
    return c.Said.model_validate({
        **{n: row.body.get(n) for n in names},
        "id": row.id,
        "item": row.about,
        "kind": row.kind.value,
        "by": row.by,
        "at": row.when.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    })  # fmt: skip


def _around(some: Some) -> c.Around:
    return c.Around(items=[str(one["item"]) for one in some.items], total=some.total)


def _segment(fields: Mapping[str, Any]) -> c.Segment:
    names = ("item", "origin", "ordinal", "page", "sheet", "row", "start_ms", "end_ms", "machine", "reliable", "translation",
             "translation_machine", "translation_status", "translation_reliable", "record", "sender")  # fmt: skip
    return c.Segment.model_validate({
        **{n: fields.get(n) for n in names},
        "text": fields.get("text", ""),
        "by": fields.get("maker"),
        "given": fields.get("given"),
        "language": _list(fields.get("language")),
        "mentions": _list(fields.get(MENTIONS)),
    })  # fmt: skip


def _mentions(fields: Mapping[str, Any]) -> list[c.Mention]:
    at = {n: fields[n] for n in ("item", "origin", "ordinal")}
    spelled = (apart(spelling) for spelling in fields.get(SPELLINGS, ()))
    return [c.Mention(**at, entity=of, spelling=text) for of, text in spelled]


def _roles_in(fields: Mapping[str, Any]) -> list[c.Role]:
    return [_role(fields, role) for role in fields.get(ROLES, ())]


def _role(fields: Mapping[str, Any], role: Mapping[str, Any]) -> c.Role:
    names = ("person", "key", "rank", "post", "unit", "organisation", "place", "place_link", "date")
    at = {n: fields[n] for n in ("item", "origin", "ordinal")}
    return c.Role.model_validate({**at, **{n: role.get(n) for n in names}})


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [] if value is None else [value]


# answers


def _json(model: BaseModel) -> Response:
    return Response(model.model_dump_json(), media_type=_SCRIPT)


def _file(data: bytes, media_type: str, name: str) -> Response:
    return Response(data, HTTPStatus.OK, {"Content-Disposition": f'attachment; filename="{name}"'}, media_type)
