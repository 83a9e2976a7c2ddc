"""Following: what was decided, into the index, whoever decided it and wherever.

Here: one round of all that may be due, and a thread that goes round while the page is served.
Not here: what a round does (search/move, work/in_index, work/watching, work/mail).

Most is done at once by whom it concerns. A round is for what could not be: a node that did not answer, a change of marks
at a prompt, a delivery by a run on another machine. A round that finds nothing reads a few rows.
"""

from __future__ import annotations

import logging
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from iimm_pipelines.holding import Holding
from iimm_pipelines.search.move import move
from iimm_pipelines.storage.catalogue import Busy
from iimm_pipelines.work.in_index import bring_due
from iimm_pipelines.work.mail import send
from iimm_pipelines.work.watching import watch

EVERY_SECONDS = 5.0
"""Well within the minute in which a decision is to be found."""
_AFTER_A_FAULT_SECONDS = 60.0
_LEASE = "what was decided"

_log = logging.getLogger(__name__)


def follow(holding: Holding, wait_seconds: float = 0) -> int:
    """One round; gives how many alerts are new. Two at once would say the same twice: the second waits, or lets it be.

    Raises:
        Busy: another is at it, and still after the wait.
        NodeError: the search node does not answer.
        IndexDisagrees, IndexUnavailable: a delivery failed.
    """
    with holding.catalogue.lease(_LEASE, wait_seconds):
        holding.work.catch_up()
        if holding.node.running():
            move(holding)
            bring_due(holding)
        new = watch(holding) if holding.node.running() else 0
        send(holding)
    return new


@contextmanager
def following(holding: Holding, every_seconds: float = EVERY_SECONDS) -> Iterator[None]:
    """Go round and round in a thread for as long as this lasts."""
    over = threading.Event()
    thread = threading.Thread(target=_rounds, args=(holding, every_seconds, over), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _rounds(holding: Holding, every_seconds: float, over: threading.Event) -> None:
    wait = 0.0
    while not over.wait(wait):
        wait = every_seconds
        try:
            follow(holding)
        except Busy:
            continue
        except Exception as wrong:  # noqa: BLE001 - its message may quote evidence; the next round tries again
            where = traceback.extract_tb(wrong.__traceback__)[-1]
            _log.error("%s in %s:%s", type(wrong).__name__, where.name, where.lineno)
            wait = _AFTER_A_FAULT_SECONDS
