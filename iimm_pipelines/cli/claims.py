"""`iimm accession claims`: what lists said of an accession, file by file, and how it fits.

Here: the report by number.
Not here: the account in counts (accession), the rules (iimm_pipelines.accessions.claims).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer

from iimm_pipelines.accessions.claims import claim_account
from iimm_pipelines.accessions.numbers import item_number
from iimm_pipelines.accessions.rows import Deviation
from iimm_pipelines.cli.terminal import AsJson, Data, console, opened, print_json, print_table, shown_name, shown_text
from iimm_pipelines.holding import Holding

Said = Mapping[str, Any]


def claims(number: str, data: Data = None,
           names: Annotated[bool, typer.Option("--names", help="also paths, and all that the lists say")] = False,
           deviations: Annotated[bool, typer.Option("--deviations", help="only what does not fit")] = False,
           as_json: AsJson = False) -> None:  # fmt: skip
    """What manifests, bags and load files say of an accession: by item, or by list and row where there is no file."""
    with opened(data) as holding:
        holding.catalogue.accession(number)
        if claim_account(holding, number) is None:
            if as_json:
                print_json([])
            else:
                console.print(f"No list came with {number}.")
            return
        rows = [r for r in _rows(holding, number) if r["deviation"] or not deviations]
    if as_json:
        print_json([{**r, "path": os.fsdecode(r["path"] or b"")} if names else {n: r[n] for n in _PLAIN} for r in rows])
        return
    shown = [[r["item"] or "", r["list"], r["row"], r["role"] or "", r["number"] or "", _digests(r), r["deviation"] or "",
              *((shown_name(r["path"] or b""), _said(r)) if names else ())] for r in rows]  # fmt: skip
    columns = ["item", "list", "row", "role", "their number", "digests", "deviation"]
    print_table(f"Claims about {number}", columns + (["path", "said"] if names else []), shown, numbers=["list", "row"])


_PLAIN = ("item", "list", "row", "role", "number", "agree", "deviation")
_KEPT = ("role", "maker", "number", "last_number", "parent_number", "custody", "fields")


def _rows(holding: Holding, number: str) -> Iterator[dict[str, Any]]:
    """Claims without file as they were registered, then claims by item as they were checked, and files without row."""
    for claim in holding.listings.claims(number):
        if claim.shard is None:
            yield {"item": None, "list": claim.list, "row": claim.row, "path": claim.path, "agree": None,
                   **{n: getattr(claim, n) for n in _KEPT}, "deviation": claim.deviation}  # fmt: skip
    for shard in holding.catalogue.shards(number):
        for table in holding.parts.columns("inventory", shard.number, ["place", "received", "claims"]):
            for row in table.to_pylist():
                item = item_number(shard.number, row["place"])
                path = row["received"][0]["path"] if row["received"] else None
                if not row["claims"]:
                    yield {"item": item, "list": None, "row": None, "path": path, "agree": None,
                           **dict.fromkeys(_KEPT), "deviation": str(Deviation.NO_ROW)}  # fmt: skip
                for claim in row["claims"] or ():
                    agree = [d["agrees"] for d in claim["digests"] or ()]
                    yield {"item": item, "list": claim["list"], "row": claim["row"], "path": path,
                           "agree": False if False in agree else None if None in agree or not agree else True,
                           **{n: claim[n] for n in _KEPT}, "deviation": _deviation(claim, agree)}  # fmt: skip


def _deviation(claim: Said, agree: list[bool | None]) -> str | None:
    said: str | None = claim["deviation"]
    return said or (str(Deviation.DIGEST) if False in agree else None)


def _digests(row: Said) -> str:
    return {True: "agree", False: "differ", None: ""}[row["agree"]]


def _said(row: Said) -> str:
    fields = [(f["name"], f["value"]) if isinstance(f, Mapping) else f for f in row["fields"] or ()]
    facts = [(n, row[n]) for n in ("maker", "last_number", "parent_number", "custody") if row[n]]
    return shown_text("; ".join(f"{n}: {v}" for n, v in [*facts, *fields]))
