"""Retries: having outcomes tried again, only where that can help.

Here: which may be asked for, and asking.
Not here: the trying (the next run does it), reasons and their remedies (engine/outcome).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from iimm_pipelines.accessions.numbers import Shard
from iimm_pipelines.engine.outcome import Reason
from iimm_pipelines.holding import Holding
from iimm_pipelines.stages.graph import STAGES


class RetryRefused(ValueError):
    """There is no such reason or stage, or trying again cannot help; the message says what to do."""


def reasons_named(names: Iterable[str]) -> list[Reason]:
    """The reasons of these names.

    Raises:
        RetryRefused: one of them is none.
    """
    try:
        return sorted({Reason(n) for n in names})
    except ValueError:
        can_be = ", ".join(r for r in Reason if r.again or r.kind == "failed")
        raise RetryRefused(f"no such reason; reasons are: {can_be}") from None


def ask_again(holding: Holding, reasons: Sequence[Reason], shards: Iterable[Shard], stage: str | None = None) -> int:
    """Have outcomes with these reasons tried again at the next run; says how many there are.

    Raises:
        RetryRefused: there is no such stage, or trying again does not help one of the reasons.
    """
    if hopeless := [r for r in reasons if not r.again]:
        raise RetryRefused(f"trying again does not help what is {hopeless[0]}: {hopeless[0].what_to_do}")
    stages = ["inventory", *(s.name for s in STAGES)]
    if stage is not None and stage not in stages:
        raise RetryRefused(f"no such stage; stages are: {', '.join(stages)}")
    kinds = {r.kind for r in reasons}
    asked = 0
    for shard in shards:
        for part in holding.catalogue.parts(shard, stage):
            if any(part.counts.get(k) for k in kinds):
                found = holding.parts.arrow(part.stage, part.shard, part.key, ["reason"])["reason"].to_pylist()
                if times := sum(r in reasons for r in found):
                    holding.catalogue.ask_again(part.stage, part.shard, part.start, reasons)
                    asked += times
    return asked
