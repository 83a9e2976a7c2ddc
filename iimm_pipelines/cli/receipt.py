"""`iimm receipt`: checking a receipt, with no holding.

Here: the command that a receipt names.
Not here: issuing one (`iimm accession receipt`), what is checked (iimm_pipelines.accessions.receipts).
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from iimm_pipelines.cli.terminal import Data, console, print_table

app = typer.Typer(no_args_is_help=True, help="Receipts that sources were given.")


@app.callback()
def _group() -> None:
    """Receipts that sources were given."""


@app.command()
def verify(file: Annotated[Path, typer.Argument(help="the receipt's text or PDF; the text must be there")],
           key: Annotated[Path | None, typer.Option(help="public key in PEM; without it, the holding's own")] = None,
           files: Annotated[Path | None, typer.Option(help="a folder: are its files exactly those of the receipt?")] = None,
           data: Data = None) -> None:  # fmt: skip
    """Check a receipt: its signature, its list, and its PDF where that lies beside it."""
    from iimm_pipelines.accessions.receipts import ReceiptInvalid, check, same_files
    from iimm_pipelines.accessions.register import RegistrationRefused
    from iimm_pipelines.custody.signing import Verifier
    from iimm_pipelines.settings import load_settings

    path = key or load_settings(data).data / "keys" / "signing.pem.pub"
    try:
        verifier = Verifier.open(path)
        head = check(file.with_suffix(".txt"), verifier)
        same = same_files(head, files) if files else None
    except OSError as wrong:
        raise RegistrationRefused(f"{wrong.filename or file}: {wrong.strerror}") from None
    except ReceiptInvalid as wrong:
        sys.stderr.write(f"iimm: not valid: {wrong}\n")
        raise typer.Exit(1) from None
    print_table("What was signed", ["fact", "value"], [list(line) for line in head.lines()])
    console.print(f"Valid, signed by the key {verifier.key_id}")
    if same is not None:
        console.print("The folder's files are exactly those of the receipt" if same else
                      "The folder's files are not exactly those of the receipt")  # fmt: skip
        raise typer.Exit(0 if same else 1)
