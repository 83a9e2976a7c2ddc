"""`iimm request`: openings that need a second person, asked for and decided at a prompt.

Here: the commands. A reason is read from standard input: arguments can be seen by everybody on the machine.
Not here: the rules (iimm_pipelines.search.four_eyes, iimm_pipelines.people.approvals).
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from iimm_pipelines.cli.terminal import AsJson, Data, console, opened, print_json, print_table, shown_text
from iimm_pipelines.people.rights import Right

if TYPE_CHECKING:
    from iimm_pipelines.holding import Holding
    from iimm_pipelines.people.accounts import Account
    from iimm_pipelines.people.approvals import Approval

app = typer.Typer(no_args_is_help=True, help="Openings that need a second person: asked for, agreed to, declined.")
As = Annotated[str, typer.Option("--as", help="who asks or decides: an account")]


@app.command("list")
def list_requests(who: As, data: Data = None, as_json: AsJson = False) -> None:
    """An account's own requests, and those that it may decide or end."""
    from iimm_pipelines.search.four_eyes import requests_of

    now = datetime.now(UTC)
    with opened(data) as holding:
        found = requests_of(holding, _account(holding, who, Right.OPEN), now)
    rows = [("own", a) for a in found.mine] + [("of others", a) for a in found.others]
    if as_json:
        print_json([_plain(of, a, now) for of, a in rows])
        return
    print_table("Requests", ["#", "whose", "by", "accession", "state", "reason"],
                [[a.number, of, a.who, a.accession, _state(a, now), shown_text(a.reason)] for of, a in rows], numbers=["#"])  # fmt: skip


@app.command()
def ask(about: Annotated[str, typer.Argument(help="number of an accession, or of an item in it")], who: As,
        data: Data = None) -> None:  # fmt: skip
    """Ask that a closed accession be opened; the reason is read from standard input."""
    from iimm_pipelines.search.four_eyes import ask as ask_for

    with opened(data) as holding:
        made = ask_for(holding, _account(holding, who, Right.OPEN), about, sys.stdin.read(), datetime.now(UTC))
    console.print(f"request {made.number} for {made.accession} waits for a second person")


@app.command()
def decide(number: Annotated[int, typer.Argument(help="as `iimm request list` has it")], who: As,
           hours: Annotated[int, typer.Option("--hours", help="for how long it is open: 1, 4, 8, 24 or 72; 0 declines or ends it")],
           data: Data = None) -> None:  # fmt: skip
    """Agree to somebody else's request for a while, decline it, or end it."""
    from iimm_pipelines.search.four_eyes import decide as decided

    now = datetime.now(UTC)
    with opened(data) as holding:
        made = decided(holding, _account(holding, who, Right.APPROVE), number, hours, now)
    console.print(f"request {made.number} of {made.who} for {made.accession}: {_state(made, now)}")


def _account(holding: Holding, name: str, right: Right) -> Account:
    """The account of a name, if it may; a refusal stands in the log of access."""
    from iimm_pipelines.search.access import reader

    return holding.accounts.get(reader(holding, name, right).name)


def _state(a: Approval, now: datetime) -> str:
    if a.stands(now):
        return f"open until {a.ends:%Y-%m-%dT%H:%M:%SZ}"
    return "waits" if a.waits(now) else "closed"


def _plain(of: str, a: Approval, now: datetime) -> dict[str, Any]:
    return {"number": a.number, "whose": of, "by": a.who, "accession": a.accession, "reason": a.reason, "state": _state(a, now),
            "asked": datetime.fromtimestamp(a.asked, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), "decided_by": a.by}  # fmt: skip
