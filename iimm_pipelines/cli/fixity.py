"""`iimm fixity`: the vault's objects read again.

Here: the command.
Not here: what is due, and what is done about damage (iimm_pipelines.recovery.fixity).
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from iimm_pipelines.cli.terminal import AsJson, Data, console, counted, opened, print_json, print_table


def fixity(data: Data = None,
           everything: Annotated[bool, typer.Option("--all", help="every object, whenever it was last read")] = False,
           minutes: Annotated[float | None, typer.Option(help="begin no more after so many [fixity_minutes]")] = None,
           as_json: AsJson = False) -> None:  # fmt: skip
    """Read the objects that are due, oldest check first; mend damage from the vault's copy, and record it."""
    from iimm_pipelines.recovery.fixity import check_fixity, shown_time

    with opened(data) as holding, counted("reading", "objects", quiet=as_json) as progress:
        done = check_fixity(holding, everything=everything, minutes=minutes, progress=progress)
        days = holding.settings.fixity_days
    standing = done.standing
    oldest = shown_time(standing.oldest)
    if as_json:
        print_json({"checked": done.checked, "damage": [asdict(d) for d in done.damage], "left": len(done.left),
                    "why not restored": done.why_not_restored, "standing": asdict(standing)})  # fmt: skip
    else:
        print_table("Fixity", ["objects", "read now", "oldest check", f"not read within {days} days", "damaged"],
                    [[standing.objects, done.checked, oldest, standing.overdue, standing.damaged]],
                    numbers=["objects", "read now", "damaged"])  # fmt: skip
        for damage in done.damage:
            console.print(str(damage), soft_wrap=True)
        if done.left:
            console.print(f"Not restored: {done.why_not_restored}. docs/backup.md says what to do", soft_wrap=True)
    if done.left:
        raise typer.Exit(1)
