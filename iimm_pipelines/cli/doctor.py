"""`iimm doctor`: what is missing or unsafe, and the command that mends it.

Here: the command.
Not here: the checks (iimm_pipelines.health), checks of evidence (`iimm verify`).
"""

from __future__ import annotations

from dataclasses import asdict

import typer

from iimm_pipelines.cli.terminal import AsJson, Data, opened, print_json, print_table


def doctor(data: Data = None, as_json: AsJson = False) -> None:
    """Look at what the work needs; exits with 1 if something is missing."""
    from iimm_pipelines.health import condition, machine

    with opened(data, begin=True) as holding:
        found = [*machine(holding), *condition(holding)]
    if as_json:
        print_json([asdict(f) for f in found])
    else:
        print_table("Doctor", ["what", "state", "what mends it"], [[f.what, f.state, f.mend] for f in found])
    if any(f.state == "missing" for f in found):
        raise typer.Exit(1)
