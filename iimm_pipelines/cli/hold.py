"""`iimm hold`: what is kept shut, and what is kept whatever happens.

Here: placing, listing, reviewing and releasing holds.
Not here: the rules (iimm_pipelines.accessions.holds).
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from iimm_pipelines.accessions import holds
from iimm_pipelines.accessions.holds import Decision, HoldKind, Placed
from iimm_pipelines.accessions.legal_locks import Place, lock_what_is_held
from iimm_pipelines.cli.terminal import AsJson, Data, console, opened, print_json, print_table
from iimm_pipelines.holding import Holding
from iimm_pipelines.storage.ciphertext import VaultUnavailable

app = typer.Typer(no_args_is_help=True, help="Quarantine, hash lists, legal holds: who decided, why, until when.")
Number = Annotated[str, typer.Argument(help="an item (A00012-0003-01234) or accession (A00012)")]
Hold = Annotated[str, typer.Argument(help="number of the hold, as `iimm hold list` has it")]
By = Annotated[str, typer.Option("--by", help="who decides, by their code here")]
Reason = Annotated[str, typer.Option("--reason", help="why")]
Review = Annotated[datetime, typer.Option("--review", formats=["%Y-%m-%d"], help="day on which it is looked at again")]


@app.command()
def quarantine(number: Number, by: By, reason: Reason, review: Review, data: Data = None) -> None:
    """Keep the bytes and never open them: an item's object wherever it occurs, or a whole accession."""
    with opened(data) as holding:
        _say(holds.place(holding, HoldKind.QUARANTINE, number, Decision(by, reason, review.date())))


@app.command()
def legal(number: Number, by: By, reason: Reason, review: Review, data: Data = None) -> None:
    """Nothing of it may be disposed of; it is worked on and searched as ever."""
    with opened(data) as holding:
        placed = holds.place(holding, HoldKind.LEGAL, number, Decision(by, reason, review.date()))
        console.print(
            f"{placed.hold.number}: legal hold on {number} until {placed.hold.review_on}, to be reviewed then"
        )
        _lock(holding)


@app.command()
def hashes(file: Annotated[Path, typer.Argument(help="CSV with columns sha256, sha1 or md5", exists=True, dir_okay=False)],
           name: Annotated[str, typer.Option("--name", help="what the list is called")], by: By, reason: Reason,
           review: Review, data: Data = None) -> None:  # fmt: skip
    """Keep shut what a list names by its digest, now and whenever it is received."""
    with opened(data, begin=True) as holding:
        placed = holds.place_hash_list(holding, file, name, Decision(by, reason, review.date()))
        console.print(f"{placed.hold.entries} digests")
        _say(placed)


@app.command("list")
def list_holds(every: Annotated[bool, typer.Option("--all", help="also those that were released")] = False,
               due: Annotated[bool, typer.Option("--due", help="only those that are to be reviewed by today")] = False,
               data: Data = None, as_json: AsJson = False) -> None:  # fmt: skip
    """Holds that stand, with person, reason and the day of their review."""
    today = datetime.now(UTC).date().isoformat()
    with opened(data) as holding:
        found = [h for h in (holding.catalogue.holds() if every else holds.standing(holding))
                 if not due or (h.released_at is None and h.review_on <= today)]  # fmt: skip
    if as_json:
        print_json([asdict(h) for h in found])
        return
    print_table("Holds", ["hold", "kind", "on", "by", "reason", "placed", "review", "released"],
                [[h.number, h.kind, h.about, h.by, h.reason, h.placed_at,
                  f"{h.review_on} (due)" if h.released_at is None and h.review_on <= today else h.review_on,
                  h.released_at or "no"] for h in found])  # fmt: skip


@app.command()
def review(hold: Hold, by: By, reason: Reason, review: Review, data: Data = None) -> None:
    """Say that a hold was looked at and stands, until another day."""
    with opened(data) as holding:
        row = holds.review(holding, hold, Decision(by, reason, review.date()))
    console.print(f"{row.number} stands; it is to be reviewed on {row.review_on}")


@app.command()
def release(hold: Hold, by: By, reason: Reason, data: Data = None) -> None:
    """End a hold; it stays in the record."""
    with opened(data) as holding:
        placed = holds.release(holding, hold, by, reason)
        opens = f"; {placed.items} items are opened by the next `iimm run`" if placed.items else ""
        console.print(f"{placed.hold.number} released{opens}")
        if placed.hold.kind == HoldKind.LEGAL:
            _lock(holding)


def _lock(holding: Holding) -> None:
    """Have a bucket do as it is decided; the decision stands, whatever the bucket says."""
    try:
        locked = lock_what_is_held(holding)
    except VaultUnavailable as wrong:
        console.print(f"The decision stands, but a bucket of the vault does not know of it yet: {wrong}. The next `iimm run` "
                      "tells it", style="red")  # fmt: skip
        raise typer.Exit(1) from None
    for place, now in locked.items():
        look = "`iimm verify`" if place is Place.VAULT else "`iimm vault copy` brings them"
        console.print(f"The bucket of the {place} holds {now.held} objects by legal hold: {now.new} more, {now.let_go} let go"
                      f"{f', {now.missing} are not there ({look})' if now.missing else ''}")  # fmt: skip


def _say(placed: Placed) -> None:
    hold = placed.hold
    console.print(f"{hold.number}: {hold.kind} until {hold.review_on}, to be reviewed then")
    console.print(
        f"{placed.items} items in {placed.shards} shards are kept shut from now on; `iimm run` takes what was read of "
        "them out of the index" if placed.items else "nothing that was received so far is concerned"
    )  # fmt: skip
