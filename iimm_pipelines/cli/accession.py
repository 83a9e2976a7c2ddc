"""`iimm accession`: what sources handed over.

Here: registering, listing, showing, changing marks and adding passwords.
Not here: the rules (iimm_pipelines.accessions.register).
"""

from __future__ import annotations

import tomllib
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel, ConfigDict, ValidationError

from iimm_pipelines.accessions.register import Basis, Receipt, RegistrationRefused, change_marks, in_bucket, register
from iimm_pipelines.cli.terminal import AsJson, Data, console, opened, print_json, print_table, shown_name
from iimm_pipelines.holding import in_s3

app = typer.Typer(no_args_is_help=True, help="What sources handed over.")
Passwords = Annotated[Path | None, typer.Option("--passwords", help="file with one password a line")]


@app.command()
def add(what: Annotated[str, typer.Argument(help="folder, file, or s3://bucket/prefix")], data: Data = None,
        facts: Annotated[Path | None, typer.Option(help="TOML file with source, basis, marks, note")] = None,
        source: Annotated[str | None, typer.Option(help="code of the source, never a name")] = None,
        basis: Annotated[Basis | None, typer.Option(help="basis for use")] = None,
        mark: Annotated[list[str] | None, typer.Option(help="access mark; a reader needs all of them")] = None,
        note: str = "", passwords: Passwords = None,
        sample: Annotated[bool, typer.Option("--sample", help="invented material: starter models may work")] = False,
        as_json: AsJson = False) -> None:  # fmt: skip
    """Register the files of WHAT as a new accession. Without a source, a basis or marks they are asked for."""
    told = _facts(facts) if facts else _Facts()
    chosen = source or told.source or typer.prompt("code of the source (never a name)")
    on = basis or _basis(told.basis or typer.prompt("basis (consent, arrangement, open source)"))
    marks = mark or told.marks or typer.prompt("access marks, with commas between").split(",")
    receipt = Receipt(str(chosen), on, tuple(sorted({m.strip() for m in marks})), note or told.note, sample)
    with opened(data, begin=True) as holding:
        handed_over = in_bucket(holding, what) if in_s3(what) else Path(what)
        row = register(holding, handed_over, receipt, _passwords(passwords))
        if as_json:
            print_json({"accession": row.number, "received": row.received, "bytes": row.bytes})
        else:
            console.print(f"{row.number}: {row.received} files, {row.bytes} bytes, registered. Next: `iimm run`")


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
    if as_json:
        print_json({**asdict(row), "shards": [asdict(s) for s in shards], "events": [asdict(e) for e in events]})
        return
    facts = {**asdict(row), "marks": ", ".join(row.marks), "folder": shown_name(row.folder)}
    print_table(f"Accession {number}", ["fact", "value"], [[k, v] for k, v in facts.items() if v is not None])
    print_table("Shards", ["number", "received files", "items"], [[s.number, s.received, s.places] for s in shards],
                numbers=["received files", "items"])  # fmt: skip
    print_table("Custody events", ["#", "kind", "at"], [[e.sequence, e.kind, e.at.isoformat()] for e in events])


@app.command()
def marks(number: str, mark: list[str], data: Data = None) -> None:
    """Give an accession other access marks; `iimm run` then moves its documents in the index."""
    with opened(data) as holding:
        row = change_marks(holding, number, mark)
    console.print(f"{number} now has {', '.join(row.marks)}. Next: `iimm run`")


@app.command("passwords")
def add_passwords(number: str, file: Path, data: Data = None) -> None:
    """Add the passwords of FILE (one a line) to an accession; `iimm run` then opens what they open."""
    with opened(data) as holding:
        holding.catalogue.accession(number)
        holding.add_passwords(number, _passwords(file))
    console.print(f"Passwords added to {number}. Next: `iimm run`")


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
