"""`iimm accession`: what sources handed over.

Here: registering, listing, showing, changing marks and adding passwords.
Not here: the rules (iimm_pipelines.accessions.register), what lists say file by file (claims).
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel, ConfigDict, ValidationError

from iimm_pipelines.accessions.claims import GivenList, claim_account
from iimm_pipelines.accessions.completeness import Deviating, compare
from iimm_pipelines.accessions.delivery import DeliveryUnlistable, delivery_at
from iimm_pipelines.accessions.load_files import ListUnreadable, columns_said
from iimm_pipelines.accessions.register import (
    Basis,
    Receipt,
    RegistrationRefused,
    change_marks,
    change_urgency,
    register,
)
from iimm_pipelines.cli.claims import claims
from iimm_pipelines.cli.terminal import AsJson, Data, console, opened, print_json, print_table, shown_name

app = typer.Typer(no_args_is_help=True, help="What sources handed over.")
app.command()(claims)
Passwords = Annotated[Path | None, typer.Option("--passwords", help="file with one password a line")]


@app.command()
def add(folder: Path, data: Data = None,
        facts: Annotated[Path | None, typer.Option(help="TOML file with source, basis, marks, note")] = None,
        source: Annotated[str | None, typer.Option(help="code of the source, never a name")] = None,
        basis: Annotated[Basis | None, typer.Option(help="basis for use")] = None,
        mark: Annotated[list[str] | None, typer.Option(help="access mark; a reader needs all of them")] = None,
        note: str = "", passwords: Passwords = None,
        list_: Annotated[list[Path] | None, typer.Option("--list", help="manifest or load file: CSV, Concordance DAT, "
                                                         "Opticon OPT, EDRM XML")] = None,
        column: Annotated[list[str] | None, typer.Option(help="meaning=name of a column of the last --list")] = None,
        sample: Annotated[bool, typer.Option("--sample", help="invented material: starter models may work")] = False,
        as_json: AsJson = False) -> None:  # fmt: skip
    """Register the files below FOLDER, or a single file, as a new accession. What is not said is asked for."""
    told = _facts(facts) if facts else _Facts()
    chosen = source or told.source or typer.prompt("code of the source (never a name)")
    on = basis or _basis(told.basis or typer.prompt("basis (consent, arrangement, open source)"))
    marks = mark or told.marks or typer.prompt("access marks, with commas between").split(",")
    receipt = Receipt(str(chosen), on, tuple(sorted({m.strip() for m in marks})), note or told.note, sample)
    with opened(data, begin=True) as holding:
        row = register(holding, folder, receipt, _passwords(passwords), _lists(list_ or [], column or []))
        account = claim_account(holding, row.number)
        if as_json:
            print_json({"accession": row.number, "received": row.received, "bytes": row.bytes,
                        "claims": account and account.plain()})  # fmt: skip
            return
        console.print(f"{row.number}: {row.received} files, {row.bytes} bytes, registered. Next: `iimm run`")
        for deviation, count in account.deviations.items() if account else ():
            console.print(f"  {deviation}: {count}; `iimm accession claims {row.number} --deviations` names them")


@app.command("list")
def list_accessions(data: Data = None, as_json: AsJson = False) -> None:
    """All accessions."""
    with opened(data) as holding:
        rows = holding.catalogue.accessions()
    if as_json:
        print_json([{k: v for k, v in asdict(r).items() if k != "folder"} for r in rows])
        return
    print_table("Accessions", ["number", "source", "basis", "marks", "state", "received", "bytes", "same as"],
                [[r.number, r.source, r.basis, ", ".join(r.marks), r.state, r.received, r.bytes, r.same_as or ""]
                 for r in rows], numbers=["received", "bytes"])  # fmt: skip


@app.command()
def show(number: str, data: Data = None, as_json: AsJson = False) -> None:
    """One accession with its custody events."""
    from iimm_pipelines.custody.lineage import events_of

    with opened(data) as holding:
        row = holding.catalogue.accession(number)
        shards = holding.catalogue.shards(number)
        events = events_of(holding, number)
        account = claim_account(holding, number)
    if as_json:
        print_json({**asdict(row), "shards": [asdict(s) for s in shards], "events": [asdict(e) for e in events],
                    "claims": account and account.plain()})  # fmt: skip
        return
    facts = {**asdict(row), "marks": ", ".join(row.marks), "folder": shown_name(row.folder)}
    print_table(f"Accession {number}", ["fact", "value"], [[k, v] for k, v in facts.items() if v is not None])
    print_table("Shards", ["number", "received files", "items"], [[s.number, s.received, s.items] for s in shards],
                numbers=["received files", "items"])  # fmt: skip
    if account is not None:
        counted = [["rows of lists", account.rows], ["digests that agree", account.agree],
                   ["digests that could not be checked", account.unchecked],
                   *([str(d), n] for d, n in account.deviations.items())]  # fmt: skip
        print_table("Claims", ["what", "count"], counted, numbers=["count"])
    print_table("Custody events", ["#", "kind", "at"], [[e.sequence, e.kind, e.at.isoformat()] for e in events])


@app.command()
def marks(number: str, mark: list[str], data: Data = None) -> None:
    """Give an accession other access marks; `iimm run` then moves its documents in the index."""
    with opened(data) as holding:
        row = change_marks(holding, number, mark)
    console.print(f"{number} now has {', '.join(row.marks)}. Next: `iimm run`")


@app.command()
def urgent(number: str, data: Data = None,
           off: Annotated[bool, typer.Option("--off", help="let it wait with the others again")] = False) -> None:  # fmt: skip
    """Let an accession pass the backlog: its work comes before that of all others."""
    with opened(data) as holding:
        change_urgency(holding, number, urgent=not off)
    console.print(f"{number} {'waits with the others' if off else 'comes first'} from the next run on.")


@app.command()
def verify(number: str, source: Annotated[str | None, typer.Argument(help="where it lies now, if not where it lay")] = None,
           data: Data = None, objects: Annotated[bool, typer.Option(help="read the vault's objects too")] = True,
           names: Annotated[bool, typer.Option("--names", help="show file names, which may name persons")] = False,
           as_json: AsJson = False) -> None:  # fmt: skip
    """Read the source and the vault again: what is missing, changed or additional, by number. Exit code 1 if any is."""
    deviating: list[Deviating] = []
    with opened(data) as holding:
        row = holding.catalogue.accession(number)
        where = row.folder if source is None else os.fsencode(Path(source).resolve())
        try:
            compared = compare(holding, row.number, delivery_at(where), objects=objects, found=deviating.append)
        except DeliveryUnlistable as gone:
            raise RegistrationRefused(f"{number} cannot be compared with its source: {gone}") from None
    shown = [{"item": d.item, "how": d.how, **({"path": d.path} if names else {})} for d in deviating]
    if as_json:
        print_json({"complete": compared.complete, "same": compared.same, "in vault": compared.in_vault,
                    "deviations": compared.deviations, "files": shown})  # fmt: skip
    else:
        if shown:
            print_table("Deviations", ["item", "how", *(["name"] if names else [])],
                        [[d.item or "no number", d.how, *([shown_name(d.path)] if names else [])] for d in deviating])  # fmt: skip
        console.print(f"{compared.same} files at the source and {compared.in_vault} in the vault are as they were received"
                      f"{'' if compared.complete else '; ' + ', '.join(f'{n} {k}' for k, n in compared.deviations.items())}.")  # fmt: skip
    if not compared.complete:
        raise typer.Exit(1)


@app.command("passwords")
def add_passwords(number: str, file: Path, data: Data = None) -> None:
    """Add the passwords of FILE (one a line) to an accession; `iimm run` then opens what they open."""
    with opened(data) as holding:
        holding.catalogue.accession(number)
        holding.add_passwords(number, _passwords(file))
    console.print(f"Passwords added to {number}. Next: `iimm run`")


def _lists(paths: Sequence[Path], columns: Sequence[str]) -> list[GivenList]:
    try:
        said = columns_said(columns)
    except ListUnreadable as wrong:
        raise RegistrationRefused(str(wrong)) from None
    if said and not paths:
        raise RegistrationRefused("--column says what a column of a --list means: name the list, too")
    return [GivenList(p, said if p is paths[-1] else {}) for p in paths]


class _Facts(BaseModel):
    """What a file of facts may say."""

    model_config = ConfigDict(extra="forbid", strict=True)

    source: str = ""
    basis: str = ""
    marks: list[str] = []
    note: str = ""


def _facts(file: Path) -> _Facts:
    try:
        return _Facts(**tomllib.loads(_read(file)))
    except tomllib.TOMLDecodeError as wrong:
        raise RegistrationRefused(f"{file}: {wrong}") from None
    except ValidationError as wrong:
        said = "; ".join(f"{e['loc'][0]}: {e['msg']}" for e in wrong.errors())
        raise RegistrationRefused(f"{file}: {said}") from None


def _basis(text: str) -> Basis:
    try:
        return Basis(text)
    except ValueError:
        raise RegistrationRefused(f"a basis is one of: {', '.join(Basis)}") from None


def _passwords(file: Path | None) -> list[str]:
    return [] if file is None else [line for line in _read(file).splitlines() if line]


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except OSError as wrong:
        raise RegistrationRefused(f"{file}: {wrong.strerror}") from None
    except UnicodeDecodeError:
        raise RegistrationRefused(f"{file} is not UTF-8") from None
