"""`iimm accession`: what sources handed over.

Here: registering, listing, showing, correcting, changing marks and urgency, adding passwords, comparing with the source,
and the receipt for the source.
Not here: the rules (iimm_pipelines.accessions), questions at the terminal (cli/facts), what lists say file by file
(claims).
"""

from __future__ import annotations

import getpass
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from iimm_pipelines.accessions.claims import GivenList, claim_account
from iimm_pipelines.accessions.completeness import Deviating, compare
from iimm_pipelines.accessions.delivery import DeliveryUnlistable, DeliveryUnreachable, delivery_at
from iimm_pipelines.accessions.facts import FactsInvalid, Told, as_data, from_text, read_toml
from iimm_pipelines.accessions.load_files import ListUnreadable, columns_said
from iimm_pipelines.accessions.register import (
    Basis,
    Receipt,
    RegistrationRefused,
    change_urgency,
    in_bucket,
    register,
    register_exhibits,
)
from iimm_pipelines.cli.claims import claims
from iimm_pipelines.cli.facts import ask, rows, shown
from iimm_pipelines.cli.terminal import AsJson, Data, console, opened, print_json, print_table, shown_name
from iimm_pipelines.holding import in_s3

app = typer.Typer(no_args_is_help=True, help="What sources handed over.")
app.command()(claims)
Passwords = Annotated[Path | None, typer.Option("--passwords", help="file with one password a line")]


@app.command()
def add(what: Annotated[str | None, typer.Argument(help="folder, file, or s3://bucket/prefix; none: exhibits only, "
                                                   "without bytes")] = None, data: Data = None,
        facts: Annotated[Path | None, typer.Option(help="TOML file, see docs/registering.md")] = None,
        fact: Annotated[list[str] | None, typer.Option(help="a line of such a file; may be repeated")] = None,
        source: Annotated[str | None, typer.Option(help="code of the source, never a name")] = None,
        basis: Annotated[Basis | None, typer.Option(help="basis for use")] = None,
        mark: Annotated[list[str] | None, typer.Option(help="access mark; a reader needs all of them")] = None,
        note: str = "", passwords: Passwords = None,
        list_: Annotated[list[Path] | None, typer.Option("--list", help="manifest or load file: CSV, Concordance DAT, "
                                                         "Opticon OPT, EDRM XML")] = None,
        column: Annotated[list[str] | None, typer.Option(help="meaning=name of a column of the last --list")] = None,
        asks: Annotated[bool, typer.Option("--ask", help="ask for every fact that is not said")] = False,
        sample: Annotated[bool, typer.Option("--sample", help="invented material: starter models may work")] = False,
        as_json: AsJson = False) -> None:  # fmt: skip
    """Register the files of WHAT as a new accession.

    What must be said and is not is asked for; with no fact at all, everything is.
    """
    told = Told(source=source, basis=basis, marks=tuple(mark) if mark else None, note=note or None)
    told = told.over(_told("\n".join(fact or ()), "--fact")).over(_facts(facts) if facts else Told())
    asks = asks or told == Told()
    chosen = told.source or typer.prompt("code of the source (never a name)")
    on = _basis(told.basis or typer.prompt(f"basis ({', '.join(Basis)})"))
    marks = told.marks or typer.prompt("access marks, with commas between").split(",")
    if asks:
        told = ask(told)
    receipt = Receipt(str(chosen), on, tuple(sorted({m.strip() for m in marks})), told.note or "", sample, told.facts)
    with opened(data, begin=True) as holding:
        if what is None:
            row = register_exhibits(holding, receipt)
        else:
            handed_over = in_bucket(holding, what) if in_s3(what) else Path(what)
            row = register(holding, handed_over, receipt, _passwords(passwords), _lists(list_ or [], column or []))
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
        found = holding.catalogue.accessions()
    if as_json:
        print_json([{k: v for k, v in asdict(r).items() if k not in ("folder", "facts")} for r in found])
        return
    print_table("Accessions", ["number", "source", "basis", "marks", "state", "received", "bytes", "same as"],
                [[r.number, r.source, r.basis, ", ".join(r.marks), r.state, r.received, r.bytes, r.same_as or ""]
                 for r in found], numbers=["received", "bytes"])  # fmt: skip


@app.command()
def show(number: str, data: Data = None,
         with_history: Annotated[bool, typer.Option("--history", help="everything that was ever said of it")] = False,
         as_json: AsJson = False) -> None:  # fmt: skip
    """One accession with its facts and custody events."""
    from iimm_pipelines.accessions.corrections import history
    from iimm_pipelines.custody.lineage import events_of

    with opened(data) as holding:
        row = holding.catalogue.accession(number)
        shards = holding.catalogue.shards(number)
        events = events_of(holding, number)
        account = claim_account(holding, number)
    stated = list(history(events)) if with_history else []
    facts = as_data(from_text(row.facts))
    if as_json:
        print_json({**asdict(row), "facts": facts, "shards": [asdict(s) for s in shards],
                    "events": [asdict(e) for e in events], "claims": account and account.plain(),
                    **({"history": [asdict(s) for s in stated]} if with_history else {})})  # fmt: skip
        return
    plain = {**asdict(row), "marks": ", ".join(row.marks), "folder": shown_name(row.folder), "facts": None}
    print_table(f"Accession {number}", ["fact", "value"],
                [*([k, v] for k, v in plain.items() if v is not None), *rows(facts)])  # fmt: skip
    print_table("Shards", ["number", "received files", "items"], [[s.number, s.received, s.items] for s in shards],
                numbers=["received files", "items"])  # fmt: skip
    if account is not None:
        counted = [["rows of lists", account.rows], ["digests that agree", account.agree],
                   ["digests that could not be checked", account.unchecked],
                   *([str(d), n] for d, n in account.deviations.items())]  # fmt: skip
        print_table("Claims", ["what", "count"], counted, numbers=["count"])
    print_table("Custody events", ["#", "kind", "at"], [[e.sequence, e.kind, e.at.isoformat()] for e in events])
    if with_history:
        print_table("Everything that was said of it", ["fact", "value", "event", "at", "reason of the correction"],
                    [[s.fact, shown(s.value), s.sequence, s.at.isoformat(timespec="seconds"), s.reason or ""]
                     for s in stated])  # fmt: skip


@app.command()
def correct(number: str, facts: Annotated[Path, typer.Option(help="TOML file with what changes, see docs/registering.md")],
            reason: Annotated[str, typer.Option(help="why")], data: Data = None) -> None:  # fmt: skip
    """Correct what was said of an accession. A list (exhibits, transfers, captures) is said anew as a whole; old values stay."""
    from iimm_pipelines.accessions.corrections import correct as put_right

    with opened(data) as holding:
        put_right(holding, number, _facts(facts), reason)
    console.print(f"{number} corrected; `iimm accession show {number} --history` shows what was said before")


@app.command()
def receipt(number: str, folder: Path, data: Data = None) -> None:
    """Write the receipt for the source into FOLDER: text, PDF and the public key, for the source to take along."""
    from iimm_pipelines.accessions.receipts import issue

    with opened(data) as holding:
        issued = issue(holding, number, folder)
        fingerprint = holding.record.verifier.key_id
    console.print(f"{issued.text}, {issued.pdf}, {issued.key}: {issued.head.files} files. Tell the source the key's "
                  f"fingerprint by word of mouth: {fingerprint}")  # fmt: skip


@app.command()
def marks(number: str, mark: list[str], reason: Annotated[str, typer.Option("--reason", help="why")],
          by: Annotated[str | None, typer.Option("--by", help="who decides; else whom this machine knows you as")] = None,
          data: Data = None) -> None:  # fmt: skip
    """Give an accession other access marks. Who lacks one does not see it from now on; its documents move at once."""
    from iimm_pipelines.accessions.marks import Because, decide_marks
    from iimm_pipelines.search.move import move

    with opened(data) as holding:
        row = decide_marks(holding, number, mark, Because(by if by is not None else getpass.getuser(), reason))
        left = move(holding, row.number)
    more = f" {left} shards are to be moved yet: `iimm page` or `iimm run` does it." if left else ""
    console.print(f"{number} now has {', '.join(row.marks)}.{more}")


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
        there = in_bucket(holding, source) if source is not None and in_s3(source) else None
        delivery = there or delivery_at(row.folder if source is None else os.fsencode(Path(source).resolve()))
        try:
            compared = compare(holding, row.number, delivery, objects=objects, found=deviating.append)
        except (DeliveryUnlistable, DeliveryUnreachable) as gone:
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


def _facts(file: Path) -> Told:
    return _told(_read(file), str(file))


def _told(text: str, where: str) -> Told:
    try:
        return read_toml(text)
    except FactsInvalid as wrong:
        raise RegistrationRefused(f"{where}: {wrong}") from None


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
