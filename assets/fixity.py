"""Fixity: the job that reads the vault's objects again.

Here: how a run looks to Dagster's users.
Not here: what is due, and what is done about damage (iimm_pipelines.recovery.fixity).

An op and no asset: it makes nothing, and when an object was last read stands in the catalogue.
"""

from typing import Any

import dagster as dg

from iimm_pipelines.recovery.fixity import check_fixity, shown_time
from iimm_pipelines.storage.catalogue import Busy
from iimm_pipelines.storage.ciphertext import VaultUnavailable
from resources.holding import HoldingResource

_SHOWN = 50


@dg.op(out=dg.Out(dg.Nothing), description="Reads the objects that are due, and mends damage from the vault's copy.")
def read_objects_again(context: dg.OpExecutionContext, holding: HoldingResource) -> None:
    """One run of fixity; damage that nothing mended fails it."""
    with holding.opened() as opened:
        try:
            done = check_fixity(opened)
        except (Busy, VaultUnavailable) as wrong:
            raise dg.Failure(description=str(wrong), allow_retries=False) from None
    standing = done.standing
    metadata: dict[str, Any] = {
        "objects": standing.objects, "read now": done.checked, "overdue": standing.overdue,
        "oldest check": shown_time(standing.oldest), "restored": len(done.damage) - len(done.left),
        "damage": [str(d) for d in done.damage[:_SHOWN]],
    }  # fmt: skip
    if done.left:
        raise dg.Failure(
            description=f"{len(done.left)} objects are damaged and not restored: {done.why_not_restored}. "
            "docs/backup.md says what to do",
            metadata=metadata, allow_retries=False,
        )  # fmt: skip
    context.add_output_metadata(metadata)


@dg.job(executor_def=dg.in_process_executor, description="Reads the vault's objects again, oldest check first.")
def fixity() -> None:
    """The op alone."""
    read_objects_again()
