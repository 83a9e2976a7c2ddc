"""Answers: what each route shows or does, for somebody who may have it.

Here: one function for each route, and the event of access that it writes before anything is shown.
Not here: who may (page/routes), how requests are taken and guarded (page/app).
"""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlencode

from starlette.responses import Response

from iimm_pipelines.accessions.numbers import NotANumber, Number, accession_of, parse_number
from iimm_pipelines.custody.lineage import ItemUnknown, for_reader, lineage
from iimm_pipelines.custody.merkle import ProofInvalid
from iimm_pipelines.custody.note import CheckpointInvalid
from iimm_pipelines.custody.tiles import LogDamaged
from iimm_pipelines.formats.office_pages import ENDINGS
from iimm_pipelines.formats.times import TimeOf
from iimm_pipelines.page import country_map, time_line
from iimm_pipelines.page.gallery import gallery
from iimm_pipelines.page.item_page import SEGMENTS_OF_A_PAGE, shown_item
from iimm_pipelines.page.looked_before import looked_before
from iimm_pipelines.page.original_view import downloads, harmless_or_why, page_of, shown_original
from iimm_pipelines.page.requests_page import closed_hits, nothing
from iimm_pipelines.page.search_page import FILTERS, HITS_OF_AN_EXPORT, Wanted, export, shown_result, wanted
from iimm_pipelines.page.visit import SESSION_COOKIE, Visit, set_cookie, to
from iimm_pipelines.page.words import Language
from iimm_pipelines.page.work_answers import for_hits, item_work, of_own_lists
from iimm_pipelines.people.access_log import NOBODY, AccessEvent, What
from iimm_pipelines.people.accounts import Account, SignInRefused
from iimm_pipelines.people.rights import Right
from iimm_pipelines.search.around import Around, around
from iimm_pipelines.search.asked_fields import FIELDS_TYPED
from iimm_pipelines.search.facets import Facet
from iimm_pipelines.search.items import Seen, seen
from iimm_pipelines.search.query import Order
from iimm_pipelines.search.typed import QueryInvalid
from iimm_pipelines.search.when_and_where import AskedInvalid
from iimm_pipelines.storage.parts import PartDamaged

LANGUAGE_COOKIE = "iimm-language"
_STATIC = Path(__file__).with_name("static")
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_FILES = {f.name: (f.read_bytes(), _TYPES[f.suffix]) for f in _STATIC.iterdir() if f.suffix in _TYPES}
"""Read once: no name that a browser sends becomes a path."""


def start(visit: Visit) -> Response:
    """The first page."""
    return to(home(visit.account))


def home(account: Account | None) -> str:
    """Where somebody's work begins; nobody's begins with signing in, to which the search leads."""
    return "/engine" if account and not account.may(Right.SEARCH) and account.may(Right.SEE_PROCESSING) else "/search"


def static(visit: Visit) -> Response:
    """Our own style sheet, script and icon."""
    found = _FILES.get(visit.path["name"])
    if found is None:
        return visit.refusal(visit.w("not there"), HTTPStatus.NOT_FOUND)
    return Response(found[0], media_type=found[1], headers={"Cache-Control": "private, max-age=300"})


def sign_in_form(visit: Visit) -> Response:
    """Where somebody signs in."""
    return visit.page("sign_in.html", why="")


def sign_in(visit: Visit) -> Response:
    """Begin a session, under a new id."""
    values, now, organisation = visit.values, visit.desk.clock(), visit.desk.organisation
    name = values.get("name", "").strip()
    if organisation is not None and name not in organisation.settings.local_accounts:
        name = ""  # nobody has it, and it takes as long to say so
    try:
        account = visit.holding.accounts.sign_in(
            name, values.get("password", ""), values.get("code", "").strip() or None, now
        )
    except SignInRefused:
        visit.holding.access_log.add(AccessEvent(NOBODY, What.REFUSED), now)
        return visit.page("sign_in.html", HTTPStatus.UNAUTHORIZED, why=visit.w("sign in refused"))
    visit.holding.access_log.add(AccessEvent(account.name, What.SIGNED_IN), now)
    visit.desk.sessions.end(visit.browser)
    answer = to(home(account))
    session = visit.desk.sessions.begin(account.name, account.generation, now)
    set_cookie(answer, visit.desk.cookie(SESSION_COOKIE), session, visit.desk.secure)
    return answer


def sign_out(visit: Visit) -> Response:
    """End the session."""
    visit.note(What.SIGNED_OUT)
    visit.desk.sessions.end(visit.browser)
    return to("/sign-in")


def choose_language(visit: Visit) -> Response:
    """The interface in another language, on the page where somebody was."""
    back = visit.values.get("back", "")
    ours = back.startswith("/") and not back.startswith("//") and "\\" not in back and back.isprintable()
    answer = to(back if ours else "/search")
    if visit.values.get("language") in set(Language):
        set_cookie(answer, LANGUAGE_COOKIE, visit.values["language"], visit.desk.secure)
    return answer


def search(visit: Visit) -> Response:
    """The box, and what was found."""
    what, result, closed, why = of_own_lists(visit, wanted(visit.values)), None, None, ""
    if what.anything:
        try:
            result = shown_result(visit.holding, visit.reader, what, visit.w)
            closed = closed_hits(visit, what)
        except (QueryInvalid, AskedInvalid) as wrong:
            why = visit.w.refusal(str(wrong))
        else:
            visit.note(What.SEARCHED, query=_query(what), hits=result.total)
    status = HTTPStatus.BAD_REQUEST if why else HTTPStatus.OK
    tiles = gallery(visit, result.hits, bool(what.unveil)) if result and what.view == "gallery" else None
    return visit.page(
        "search.html", status, gallery=tiles, what=what, result=result, closed=closed, why=why, filters=FILTERS, facets=Facet, orders=Order, sorts=TimeOf,
        fields=FIELDS_TYPED, exported=HITS_OF_AN_EXPORT, line_size=(time_line.WIDTH, time_line.HEIGHT),
        map_size=(country_map.WIDTH, country_map.HEIGHT), work=for_hits(visit),
    )  # fmt: skip


def search_csv(visit: Visit) -> Response:
    """The list as a file."""
    what = of_own_lists(visit, wanted(visit.values))
    try:
        table = export(visit.holding, visit.reader, what, visit.w)
    except (QueryInvalid, AskedInvalid) as wrong:
        return visit.refusal(visit.w.refusal(str(wrong)), HTTPStatus.BAD_REQUEST)
    visit.note(What.DOWNLOADED, query=_query(what))
    headers = {"Content-Disposition": 'attachment; filename="search.csv"'}
    return Response(table, media_type="text/csv; charset=utf-8", headers=headers)


def _query(what: Wanted) -> str:
    """What was asked, as the log of access keeps it."""
    narrowed = {str(n): v for n in (*Facet, *FILTERS, "watch", "starter") if (v := getattr(what, n))}
    return f"{what.q} {urlencode(narrowed)}" if narrowed else what.q


def item(visit: Visit) -> Response:
    """An item: texts, times, properties, what it lies in."""
    found = _opened(visit)
    if found is None:
        return nothing(visit)
    begin = visit.values.get("from", "0")
    skip = int(begin) if begin.isascii() and begin.isdigit() and len(begin) < 8 else 0
    # text of an office document knows of no pages: they are made here
    one = (
        page_of(visit.values["page"])
        if visit.values.get("page") and found.fields.get("media_type") not in ENDINGS
        else None
    )
    shown = shown_item(visit.holding, found, visit.w, skip, visit.values.get("at", ""), one)
    nothing_against = harmless_or_why(visit, found.fields)
    near_it = around(
        visit.holding, visit.reader, found.fields, *(_number(visit, name) for name in ("beside", "inside"))
    )
    return visit.page(
        "item.html",
        item=shown,
        source=visit.holding.catalogue.accession(accession_of(found.fields["item"])).source,
        most=SEGMENTS_OF_A_PAGE,
        original=shown_original(visit, found.fields, nothing_against),
        downloads=downloads(visit, found.fields, nothing_against),
        before=looked_before(visit, found),
        veil_on=visit.holding.choices.veiled(visit.known.name),
        is_open=visit.values.get("open") == "1",
        work=item_work(visit.holding, found.fields["item"]),
        around=near_it,
        beside=near_it.beside.neighbours(found.fields["item"]),
        whole_family=_in_tree(found, near_it),
        map_size=(country_map.WIDTH, country_map.HEIGHT),
    )


def _number(visit: Visit, name: str) -> str:
    """A number that an address names, if it names one."""
    try:
        return str(parse_number(visit.values.get(name, "")))
    except NotANumber:
        return ""


def _in_tree(found: Seen, near_it: Around) -> bool:
    """Whether all of an item's family stands in its tree."""
    there = {one["item"] for some in (found.above, near_it.beside.items, near_it.inside.items) for one in some}
    return not found.family.more and all(one["item"] in there for one in found.family.items)


def history(visit: Visit) -> Response:
    """An item's lineage, each proof checked now."""
    found = _opened(visit)
    if found is None:
        return nothing(visit)
    number = Number(found.fields["item"])
    try:
        walked = for_reader(lineage(visit.holding, number))
    except (ProofInvalid, PartDamaged, LogDamaged, CheckpointInvalid):
        return visit.page("history.html", number=number, steps=(), events=(), broken=True)
    # bodies of events may tell of other accessions: none is shown
    return visit.page("history.html", number=number, steps=walked.steps, events=walked.events, broken=False)


def _opened(visit: Visit) -> Seen | None:
    """The item of an address, written down as opened; none where there is none, or none for this reader."""
    try:
        number = parse_number(visit.path["number"])
    except NotANumber:
        return None
    try:
        found = seen(visit.holding, visit.reader, number)
    except ItemUnknown:
        visit.note(What.REFUSED, subject=number)
        return None
    visit.note(What.OPENED, subject=number)
    return found
