"""What commands share: opening the holding, tables, JSON.

Here: options that every command has, and how results are printed.
Not here: what is printed.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from iimm_pipelines.accessions.numbers import Shard
from iimm_pipelines.custody.lineage import plain_value
from iimm_pipelines.holding import Holding
from iimm_pipelines.settings import SettingsInvalid, load_settings

Data = Annotated[Path | None, typer.Option("--data", help="data folder of the holding [IIMM_DATA, ./iimm-data]")]
AsJson = Annotated[bool, typer.Option("--json", help="print JSON for programs")]

console = Console(
    width=None if sys.stdout.isatty() else 140,  # a file or pipe has no width of its own
    markup=False, emoji=False,  # brackets and colons in names and texts are nothing but that
)  # fmt: skip


def refusals() -> tuple[type[Exception], ...]:
    """Errors whose message is for the person who typed the command."""
    from iimm_pipelines.accessions.hash_list import HashListInvalid
    from iimm_pipelines.accessions.holds import HoldRefused
    from iimm_pipelines.accessions.numbers import NotANumber
    from iimm_pipelines.accessions.originals import OriginalRefused
    from iimm_pipelines.accessions.register import RegistrationRefused
    from iimm_pipelines.accessions.retries import RetryRefused
    from iimm_pipelines.custody.lineage import ItemUnknown
    from iimm_pipelines.custody.signing import KeyUnusable
    from iimm_pipelines.formats.tika import NotLaidOut
    from iimm_pipelines.holding import HoldingIncomplete
    from iimm_pipelines.model_store.card import CardInvalid
    from iimm_pipelines.model_store.files import DigestMismatch
    from iimm_pipelines.model_store.pull import PullFailed
    from iimm_pipelines.model_store.store import ImportRefused, ModelDamaged, ModelMissing
    from iimm_pipelines.people.accounts import AccountRefused
    from iimm_pipelines.people.approvals import ApprovalRefused
    from iimm_pipelines.recovery import RecoveryRefused
    from iimm_pipelines.sample.files import SampleError
    from iimm_pipelines.search.access import ReaderUnknown
    from iimm_pipelines.search.node import NodeError
    from iimm_pipelines.search.typed import QueryInvalid
    from iimm_pipelines.search.when_and_where import AskedInvalid
    from iimm_pipelines.storage.catalogue import CatalogueError
    from iimm_pipelines.storage.ciphertext import VaultUnavailable, VaultUnlocked
    from iimm_pipelines.storage.keys import KeysOpenToOthers, KeysUnreadable, WrongKey
    from iimm_pipelines.storage.vault import WrongVault
    from iimm_pipelines.work.record import WorkRefused

    return (AccountRefused, ApprovalRefused, AskedInvalid, CardInvalid, CatalogueError, DigestMismatch, HashListInvalid, HoldRefused, HoldingIncomplete,
            ImportRefused, ItemUnknown,
            KeyUnusable, KeysOpenToOthers, KeysUnreadable, ModelDamaged, ModelMissing, NodeError, NotANumber, NotLaidOut,
            OriginalRefused, PullFailed, QueryInvalid, ReaderUnknown, RecoveryRefused, RegistrationRefused, RetryRefused, SampleError,
            SettingsInvalid, VaultUnavailable, VaultUnlocked, WorkRefused, WrongKey, WrongVault)  # fmt: skip


def faults() -> tuple[type[Exception], ...]:
    """Errors that say that something which was signed or stored is not as it was."""
    from iimm_pipelines.custody.log import LogForked, LogRolledBack
    from iimm_pipelines.custody.merkle import ProofInvalid
    from iimm_pipelines.custody.note import CheckpointInvalid
    from iimm_pipelines.custody.tiles import LogDamaged
    from iimm_pipelines.storage.parts import PartDamaged

    return (CheckpointInvalid, LogDamaged, LogForked, LogRolledBack, PartDamaged, ProofInvalid)


@contextmanager
def opened(data: Path | None, *, begin: bool = False) -> Iterator[Holding]:
    """The holding of a command; `begin` makes one where there is none.

    Raises:
        SettingsInvalid: there is no holding, and this command begins none.
    """
    settings = load_settings(data)
    if not begin and not settings.data.is_dir():
        raise SettingsInvalid(f"there is no holding in {settings.data}: `iimm accession add` begins one, --data or "
                              "IIMM_DATA names another")  # fmt: skip
    holding = Holding(settings)
    try:
        yield holding
    finally:
        if "catalogue" in holding.__dict__:
            holding.close()


@contextmanager
def counted(doing: str, what: str, *, quiet: bool) -> Iterator[Callable[[int], None]]:
    """A counter on a terminal while something goes on that nobody knows the length of."""
    if quiet or not console.is_terminal:
        yield lambda _: None
        return
    with Progress(TextColumn("{task.description}"), TextColumn("{task.completed}"), TextColumn(what), TimeElapsedColumn(),
                  console=console, transient=True) as progress:  # fmt: skip
        task = progress.add_task(doing, total=None)
        yield lambda more: progress.update(task, advance=more)


def print_json(value: Any) -> None:
    """Print a value for programs: bytes as hex, sets sorted, names with their surrogates escaped."""
    sys.stdout.write(json.dumps(value, default=plain_value, indent=1, ensure_ascii=True) + "\n")


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], numbers: Sequence[str] = ()) -> None:
    """Print a table; `numbers` names the columns that are counts."""
    table = Table(title=title, title_justify="left", title_style="bold")
    for column in columns:
        table.add_column(column, justify="right" if column in numbers else "left", overflow="fold")
    for row in rows:
        table.add_row(*("not run" if cell is None else shown_text(str(cell)) for cell in row))
    console.print(table)


def shards_of(holding: Holding, accession: str | None) -> list[Shard]:
    """The shards of one accession, or all.

    Raises:
        CatalogueError: there is no such accession.
    """
    if accession is not None:
        holding.catalogue.accession(accession)
    return [s.number for s in holding.catalogue.shards(accession)]


def shown_name(raw: bytes, name: str | None = None) -> str:
    """A file name for a terminal, without control characters: as text where that is known, else its raw bytes escaped."""
    return shown_text(raw.decode("utf-8", errors="backslashreplace") if name is None else name)


def shown_text(text: str) -> str:
    """A text for a terminal: what could move its cursor, turn its writing or talk to it is escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
