"""Answers of the pages on which people decide: tags, notes, corrections, alerts, watch-lists, lists, marks.

Here: one function for each route, from what a browser sends to the decision and back.
Not here: who may (page/routes), the decisions (work, accessions/marks), searching and opening (page/answers).

What is not for a reader answers like what is not there. Every list of items that is shown is written down as a search.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from urllib.parse import parse_qs, urlencode, urlsplit

from starlette.responses import Response

from iimm_pipelines.accessions.marks import Because, decide_marks
from iimm_pipelines.accessions.numbers import NotANumber, Number, parse_number
from iimm_pipelines.accessions.register import RegistrationRefused
from iimm_pipelines.custody.lineage import ItemUnknown
from iimm_pipelines.holding import Holding
from iimm_pipelines.page.hits import lang_tag
from iimm_pipelines.page.search_page import Wanted, wanted
from iimm_pipelines.page.visit import Visit, to
from iimm_pipelines.people.access_log import What
from iimm_pipelines.people.rights import Right
from iimm_pipelines.search.delivery import IndexDisagrees, IndexUnavailable
from iimm_pipelines.search.move import move
from iimm_pipelines.search.query import search
from iimm_pipelines.search.typed import QueryInvalid
from iimm_pipelines.search.visible import visible
from iimm_pipelines.search.when_and_where import AskedInvalid
from iimm_pipelines.work import shelves, tagging, watching
from iimm_pipelines.work.codes import Code, codes
from iimm_pipelines.work.corrections import correct, corrections, queue, segment
from iimm_pipelines.work.in_index import TEXT, TRANSLATION
from iimm_pipelines.work.record import Kind, Row, WorkRefused
from iimm_pipelines.work.shelves import Shelf, ShelfUnknown

_OF_A_PAGE = 50
_MOVING_SECONDS = 10
"""As long as somebody waits for an answer; what is left is moved behind their back (work/follow)."""
_CHOSEN = "item-"
"""How the field of a chosen hit begins: a form here has each name once."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A row as a page shows it."""

    id: str
    text: str
    by: str
    at: str
    ended: str = ""


@dataclass(frozen=True, slots=True)
class ItemWork:
    """What people said of an item."""

    tags: tuple[Spoken, ...]
    notes: tuple[Spoken, ...]

    @property
    def anything(self) -> bool:
        """Whether there is something to show."""
        return bool(self.tags or self.notes)


def when(row: Row) -> str:
    """When a row was written, for people."""
    return _text(row.when)


def _text(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M")


def item_work(holding: Holding, item: str) -> ItemWork:
    """What stands about an item that its reader may see: also for the item's own page."""
    standing = tagging.standing(holding, item)
    names = codes(holding.settings)
    return ItemWork(
        tuple(Spoken(r.id, _tag_text(r, names), r.by, when(r)) for r in standing.tags),
        tuple(Spoken(r.id, str(r.body["text"]), r.by, when(r)) for r in standing.notes),
    )


def _tag_text(row: Row, names: dict[str, Code]) -> str:
    code = str(row.body["code"])
    name = names[code].name if code in names else code
    return f"{name}: {row.body['value']}" if row.body.get("value") else name


@dataclass(frozen=True, slots=True)
class ForHits:
    """What can be done with hits of a search: codes, lists, and how many at once."""

    codes: Sequence[Code]
    lists: Sequence[Shelf]
    all_hits: int = tagging.MOST_AT_ONCE


def for_hits(visit: Visit) -> ForHits | None:
    """What somebody may do with the hits of a search."""
    if not visit.known.may(Right.TAG):
        return None
    lists = shelves.shelves(visit.holding, visit.known.name, Kind.LIST)
    return ForHits(list(codes(visit.holding.settings).values()), lists)


def of_own_lists(visit: Visit, what: Wanted) -> Wanted:
    """A search for the hits of a watch-list that its reader may not see finds what one that is not there does: nothing."""
    if not what.watch or what.watch in {s.id for s in watching.lists(visit.holding, visit.reader)}:
        return what
    return replace(what, watch="none")


# tags and notes


def work_of_item(visit: Visit) -> Response:
    """Tags and notes of an item, with their forms."""
    number = _seen(visit)
    if number is None:
        return _nothing(visit)
    visit.note(What.OPENED, subject=number)
    rows = visit.holding.work.rows(Kind.TAG, Kind.NOTE, Kind.CORRECTION, about=number, ended=True)
    ends = {str(r.body["row"]): r for r in visit.holding.work.rows(Kind.WITHDRAWN, about=number)}
    names = codes(visit.holding.settings)
    former = [
        Spoken(r.id, _tag_text(r, names) if r.kind is Kind.TAG else str(r.body["text"]), r.by, when(r),
               visit.w("ended", by=ends[r.id].by, at=when(ends[r.id])))
        for r in rows if r.id in ends
    ]  # fmt: skip
    corrected = [Spoken(r.id, str(r.body["text"]), r.by, when(r), str(r.body["side"]))
                 for of in corrections(visit.holding, number).values() for r in of]  # fmt: skip
    lists = shelves.shelves(visit.holding, visit.known.name, Kind.LIST)
    return visit.page("item_work.html", number=number, work=item_work(visit.holding, number), former=former,
                      corrected=corrected, codes=list(names.values()), lists=lists)  # fmt: skip


def change_work_of_item(visit: Visit) -> Response:
    """A tag or note added to an item, or one withdrawn."""
    number = _seen(visit)
    if number is None:
        return _nothing(visit)
    return _decide(visit, lambda: _change_items(visit, [number]), f"/items/{number}/work")


def change_work_of_hits(visit: Visit) -> Response:
    """The same for the chosen hits of a search, or all of its first ones."""
    back = visit.values.get("back", "")
    address = back if back.startswith("/search?") and back.isprintable() else "/search"

    def change() -> None:
        items = [n.removeprefix(_CHOSEN) for n in visit.values if n.startswith(_CHOSEN)]
        if visit.values.get("all"):
            items = _hits(visit, address)
        _change_items(visit, items)

    return _decide(visit, change, address)


def _hits(visit: Visit, address: str) -> list[str]:
    asked = {n: v[-1] for n, v in parse_qs(urlsplit(address).query).items()}
    what = of_own_lists(visit, wanted(asked))
    try:
        found = search(visit.holding, visit.reader, what.q, tagging.MOST_AT_ONCE, what.narrowing)
    except (QueryInvalid, AskedInvalid) as wrong:
        raise WorkRefused(str(wrong)) from None
    visit.note(What.SEARCHED, query=what.address, hits=found.total)
    return [h.item for h in found.hits]


def _change_items(visit: Visit, items: Sequence[str]) -> None:
    values, holding, who = visit.values, visit.holding, visit.reader
    do = values.get("do", "")
    if do == "tag":
        code, _, chosen = values.get("code", "").partition(":")
        tagging.tag(holding, who, items, code, chosen or values.get("value", ""))
    elif do == "note":
        tagging.note(holding, who, items, values.get("text", ""))
    elif do == "list":
        shelves.put(holding, who, shelves.shelf(holding, who.name, values.get("list", ""), Kind.LIST), items)
    else:
        tagging.withdraw(holding, who, do, may_correct=visit.known.may(Right.CORRECT_TEXT))


# corrections


def waiting(visit: Visit) -> Response:
    """The linguists' queue."""
    page = visit.values.get("page", "1")
    skip = (int(page) - 1) * _OF_A_PAGE if page.isascii() and page.isdigit() and 0 < int(page[:4]) < 200 else 0
    found, total = queue(visit.holding, visit.reader, _OF_A_PAGE, skip)
    visit.note(What.SEARCHED, query="queue", hits=total)
    return visit.page("queue.html", waiting=found, total=total, page=skip // _OF_A_PAGE + 1,
                      further=skip + len(found) < total, tag=lang_tag)  # fmt: skip


def correct_form(visit: Visit) -> Response:
    """One segment, and what a person makes of it."""
    number = _seen(visit)
    if number is None:
        return _nothing(visit)
    origin, ordinal = _segment(visit)
    visit.note(What.OPENED, subject=number)
    try:
        machine = segment(visit.holding, visit.reader, number, origin, ordinal)
    except ItemUnknown:
        return _nothing(visit)
    said = {r.body["side"]: r for r in corrections(visit.holding, number).get((origin, ordinal), ())}
    return visit.page(
        "correct.html",
        machine=machine,
        text=said.get(TEXT),
        translation=said.get(TRANSLATION),
        when=when,
        tag=lang_tag,
    )


def save_correction(visit: Visit) -> Response:
    """What a person reads, hears or translates."""
    number = _seen(visit)
    if number is None:
        return _nothing(visit)
    origin, ordinal = _segment(visit)
    side, text = visit.values.get("side", ""), visit.values.get("text", "")
    back = f"/items/{number}/correct?{urlencode({'origin': origin, 'ordinal': ordinal})}"
    return _decide(visit, lambda: correct(visit.holding, visit.reader, number, origin, ordinal, side, text), back)


def _segment(visit: Visit) -> tuple[str, int]:
    ordinal = visit.values.get("ordinal", "0")
    number = int(ordinal) if ordinal.isascii() and ordinal.isdigit() and len(ordinal) < 9 else 0
    return visit.values.get("origin", "contents"), number


# alerts and watch-lists


def alerts(visit: Visit) -> Response:
    """Alerts of watch-lists that the reader may see, about items that they may see."""
    settled = visit.values.get("settled") == "1"
    found = watching.alerts(visit.holding, visit.reader, settled=settled)
    visit.note(What.SEARCHED, query="alerts", hits=len(found))
    return visit.page("alerts.html", alerts=found, settled=settled, when=when)


def settle_alerts(visit: Visit) -> Response:
    """Alerts that somebody looked at."""
    ids = [n.removeprefix("alert-") for n in visit.values if n.startswith("alert-")]
    remark = visit.values.get("remark", "")
    return _decide(visit, lambda: watching.settle(visit.holding, visit.reader, ids, remark), "/alerts")


def watch_lists(visit: Visit) -> Response:
    """Watch-lists, with their terms, and the form of a new one."""
    return visit.page("watch.html", lists=watching.lists(visit.holding, visit.reader), all=shelves.ALL)


def change_watch_lists(visit: Visit) -> Response:
    """A watch-list made, said anew, shared or ended."""
    values, holding, who = visit.values, visit.holding, visit.reader
    do = values.get("do", "")

    def change() -> None:
        if do == "make":
            watching.make_list(holding, who.name, values.get("name", ""), watching.read_terms(values.get("terms", "")))
            return
        of = watching.watch_list(holding, who, values.get("list", ""))
        if of.row.body.get("compartment"):  # said anew without it, it and its alerts could be shared with everybody
            raise WorkRefused("a lexicon is changed at the prompt: `iimm watch lexicon`")
        if do == "share":
            shelves.share(holding, who.name, of, _names(values.get("with", "")))
        elif do == "end":
            shelves.end(holding, who.name, of)
        elif do == "change":
            if of.owner != who.name:
                raise WorkRefused(f"{of.owner} decides what this looks for")
            terms = watching.read_terms(values.get("terms", ""))
            watching.make_list(holding, who.name, values.get("name", of.name), terms, instead=of)

    return _decide(visit, change, "/watch-lists")


# lists and saved searches


def lists(visit: Visit) -> Response:
    """One's lists and saved searches, and what stands on one of them."""
    holding, who = visit.holding, visit.reader
    mine = shelves.shelves(holding, who.name, *shelves.KINDS)
    chosen: Shelf | None = None
    items: list[tuple[Row, dict[str, object]]] = []
    if id := visit.values.get("list"):
        chosen = next((s for s in mine if s.id == id and s.kind is Kind.LIST), None)
        if chosen is None:
            return _nothing(visit)
        items = shelves.on_list(holding, who, chosen)
        visit.note(What.SEARCHED, query=f"list {id}", hits=len(items))
    return visit.page("lists.html", lists=mine, chosen=chosen, items=items, when=when, is_list=Kind.LIST)


def change_lists(visit: Visit) -> Response:
    """A list or saved search made, shared or ended, or an item taken off."""
    values, holding, who = visit.values, visit.holding, visit.reader
    do, back = values.get("do", ""), "/lists"
    if do in ("share", "off") and values.get("list", "").isalnum():
        back = f"/lists?list={values['list']}"

    def change() -> None:
        if do == "list":
            shelves.make(holding, who, Kind.LIST, values.get("name", ""))
        elif do == "search":
            address = wanted({n: v[-1] for n, v in parse_qs(values.get("search", "")).items()}).address
            shelves.make(holding, who, Kind.SEARCH, values.get("name", ""), address=address)
        else:
            of = shelves.shelf(holding, who.name, values.get("list", ""))
            if do == "share":
                shelves.share(holding, who.name, of, _names(values.get("with", "")))
            elif do == "end":
                shelves.end(holding, who.name, of)
            elif do == "off":
                shelves.take(holding, who, of, values.get("item", ""))

    return _decide(visit, change, back)


def _names(written: str) -> list[str]:
    return [n for n in map(str.strip, written.split(",")) if n]


# marks


def marks(visit: Visit) -> Response:
    """Accessions that the reader may see, with their marks and the form to change them."""
    seen = [a for a in visit.holding.catalogue.accessions() if visit.reader.sees(a.number, a.marks)]
    return visit.page("marks.html", accessions=seen, changed=None, left=0)


def change_marks(visit: Visit) -> Response:
    """Other marks for an accession, by a person with a reason."""
    number, holding = visit.values.get("accession", ""), visit.holding
    known = {a.number: a for a in holding.catalogue.accessions() if visit.reader.sees(a.number, a.marks)}
    if number not in known:
        return _nothing(visit)
    because = Because(visit.known.name, visit.values.get("reason", "")[:1_000])
    try:
        row = decide_marks(holding, number, _names(visit.values.get("marks", "")), because)
    except RegistrationRefused as refused:
        return visit.refusal(visit.w.refusal(str(refused)), HTTPStatus.BAD_REQUEST)
    try:
        left = move(holding, number, _MOVING_SECONDS)
    except (IndexDisagrees, IndexUnavailable):  # it is hidden already; showing it again is tried again
        left = len(holding.catalogue.shards(number))
    seen = [a for a in holding.catalogue.accessions() if visit.reader.sees(a.number, a.marks)]
    return visit.page("marks.html", accessions=seen, changed=row, left=left)


# what they share


def _seen(visit: Visit) -> Number | None:
    """The item of an address, if there is one for this reader; a refusal is written down."""
    try:
        number = parse_number(visit.path["number"])
    except NotANumber:
        return None
    if number in visible(visit.holding, visit.reader, [number]):
        return number
    visit.note(What.REFUSED, subject=number)
    return None


def _nothing(visit: Visit) -> Response:
    return visit.refusal(visit.w("not there"), HTTPStatus.NOT_FOUND)


def _decide(visit: Visit, change: Callable[[], object], back: str) -> Response:
    try:
        change()
    except (ItemUnknown, ShelfUnknown):
        return _nothing(visit)
    except WorkRefused as refused:
        return visit.refusal(visit.w.refusal(str(refused)), HTTPStatus.BAD_REQUEST)
    return to(back)
