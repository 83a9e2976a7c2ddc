"""The engineers' page: how far the work is, what failed and what to do, how the installation stands.

Here: its three answers, and what of the holding somebody sees there.
Not here: the figures (accessions/progress, accessions/figures), the checks (health), templates.

No content, file name or person stands on it. Who sees machines sees the processing of everything; who does not, which
are those who may search, sees that of accessions whose marks they hold, so that they learn of no other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote, urlencode

from starlette.responses import Response

from iimm_pipelines.accessions.figures import months
from iimm_pipelines.accessions.progress import ALL_STAGES, by_accession, by_shard, by_stage, failures, pace
from iimm_pipelines.accessions.retries import RetryRefused, ask_again, reasons_named
from iimm_pipelines.engine.outcome import Kind, Reason
from iimm_pipelines.health import Finding, condition
from iimm_pipelines.page.visit import Visit, to
from iimm_pipelines.people.access_log import What
from iimm_pipelines.people.rights import Right
from iimm_pipelines.storage.catalogue import AccessionRow

ROWS_OF_A_PAGE = 50
_FRESH = timedelta(minutes=5)
_STATES = ("missing", "unsafe", "good")
_looked: dict[Path, tuple[datetime, list[Finding]]] = {}
"""What was found last, by data folder: some checks ask an S3 service, or read a file of some size."""


@dataclass(frozen=True, slots=True)
class Pages:
    """Which of how many pages a table shows; `address` leads to others."""

    number: int
    last: int
    address: str

    def to(self, number: int) -> str:
        """The address of another page."""
        return f"/engine?{self.address}page={number}"


def engine(visit: Visit) -> Response:
    """The page as a whole, or of one accession."""
    seen, everything = _seen(visit)
    wanted = visit.values.get("accession", "")
    one = next((a for a in seen if a.number == wanted), None)
    if wanted and one is None:
        return visit.refusal(visit.w("not there"), HTTPStatus.NOT_FOUND)
    holding, now = visit.holding, visit.desk.clock()
    of = [one.number] if one else None if everything else [a.number for a in seen]
    stages = by_stage(holding, of)
    shards = holding.catalogue.shards(one.number) if one else []
    pages, part = _page(visit, len(shards if one else seen), f"{urlencode({'accession': one.number})}&" if one else "")
    health = _health(visit, now) if everything and not one else None
    return visit.page(
        "engine.html", one=one, stages=stages, pace=pace(holding, stages, now, of), failures=failures(holding, of),
        accessions=() if one else tuple(by_accession(holding, list(reversed(seen))[part])),
        shards=tuple(by_shard(holding, shards[part])), pages=pages, health=health, kinds=tuple(Kind),
        again=[r for r in Reason if r.again], names=ALL_STAGES, asked=visit.values.get("asked", ""), quote=quote,
    )  # fmt: skip


def figures(visit: Visit) -> Response:
    """What came in and was done in each month, of what is seen."""
    seen, everything = _seen(visit)
    return visit.page("engine_figures.html", months=months(visit.holding, None if everything else seen))


def retry(visit: Visit) -> Response:
    """Have outcomes tried again at the next run, as `iimm retry` does."""
    values = visit.values
    wanted, stage = values.get("accession", ""), values.get("stage") or None
    seen, _ = _seen(visit)
    numbers = [a.number for a in seen if wanted in ("", a.number)]
    if not numbers and wanted:
        return visit.refusal(visit.w("not there"), HTTPStatus.NOT_FOUND)
    shards = [s.number for s in visit.holding.catalogue.shards(wanted or None) if s.accession in set(numbers)]
    try:
        reasons = reasons_named([values.get("reason", "")])
        visit.note(What.ASKED_AGAIN, subject=wanted or None)
        asked = ask_again(visit.holding, reasons, shards, stage)
    except RetryRefused as refused:
        return visit.refusal(str(refused), HTTPStatus.BAD_REQUEST)
    return to(f"/engine?{urlencode({**({'accession': wanted} if wanted else {}), 'asked': asked})}")


def _seen(visit: Visit) -> tuple[Sequence[AccessionRow], bool]:
    """The accessions whose processing somebody sees, and whether these are all there can be."""
    rows = visit.holding.catalogue.accessions()
    if visit.known.may(Right.SEE_MACHINES):
        return rows, True
    return [a for a in rows if visit.reader.may_see(a.marks)], False


def _page(visit: Visit, rows: int, address: str) -> tuple[Pages, slice]:
    last = max(1, -(-rows // ROWS_OF_A_PAGE))
    asked = visit.values.get("page", "1")
    number = min(max(int(asked), 1), last) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1
    return Pages(number, last, address), slice((number - 1) * ROWS_OF_A_PAGE, number * ROWS_OF_A_PAGE)


def _health(visit: Visit, now: datetime) -> tuple[datetime, list[Finding]]:
    folder = visit.holding.settings.data
    at, found = _looked.get(folder, (None, []))
    if at is None or not timedelta() <= now - at < _FRESH:
        at, found = now, sorted(condition(visit.holding), key=lambda f: _STATES.index(f.state))
        _looked[folder] = (at, found)
    return at, found
