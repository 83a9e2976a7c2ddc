"""What commands share: opening the holding, tables, JSON.

Here: options that every command has, and how results are printed.
Not here: what is printed.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from iimm_pipelines.holding import Holding
from iimm_pipelines.settings import SettingsInvalid, load_settings

Data = Annotated[Path | None, typer.Option("--data", help="data folder of the holding [IIMM_DATA, ./iimm-data]")]
AsJson = Annotated[bool, typer.Option("--json", help="print JSON for programs")]

console = Console(width=None if sys.stdout.isatty() else 140)  # a file or pipe has no width of its own


def refusals() -> tuple[type[Exception], ...]:
    """Errors whose message is for the person who typed the command."""
    from iimm_pipelines.accessions.numbers import NotANumber
    from iimm_pipelines.accessions.register import RegistrationRefused
    from iimm_pipelines.custody.lineage import ItemUnknown
    from iimm_pipelines.custody.signing import KeyUnusable
    from iimm_pipelines.formats.tika import NotLaidOut
    from iimm_pipelines.model_store.card import CardInvalid
    from iimm_pipelines.model_store.files import DigestMismatch
    from iimm_pipelines.model_store.pull import PullFailed
    from iimm_pipelines.model_store.store import ImportRefused, ModelDamaged, ModelMissing
    from iimm_pipelines.sample.files import SampleError
    from iimm_pipelines.search.access import ReaderUnknown
    from iimm_pipelines.search.node import NodeError
    from iimm_pipelines.search.query import QueryInvalid
    from iimm_pipelines.storage.catalogue import CatalogueError
    from iimm_pipelines.storage.keys import KeysOpenToOthers, KeysUnreadable, WrongKey
    from iimm_pipelines.storage.vault import WrongVault

    return (CardInvalid, CatalogueError, DigestMismatch, ImportRefused, ItemUnknown, KeyUnusable, KeysOpenToOthers,
            KeysUnreadable, ModelDamaged, ModelMissing, NodeError, NotANumber, NotLaidOut, PullFailed, QueryInvalid,
            ReaderUnknown, RegistrationRefused, SampleError, SettingsInvalid, WrongKey, WrongVault)  # fmt: skip


@contextmanager
def opened(data: Path | None) -> Iterator[Holding]:
    """The holding of a command."""
    holding = Holding(load_settings(data))
    try:
        yield holding
    finally:
        if "catalogue" in holding.__dict__:
            holding.close()


def print_json(value: Any) -> None:
    """Print a value for programs: bytes as hex, sets sorted, names with their surrogates escaped."""
    sys.stdout.write(json.dumps(value, default=_plain, indent=1, ensure_ascii=True) + "\n")


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], numbers: Sequence[str] = ()) -> None:
    """Print a table; `numbers` names the columns that are counts."""
    table = Table(title=title, title_justify="left", title_style="bold")
    for column in columns:
        table.add_column(column, justify="right" if column in numbers else "left", overflow="fold")
    for row in rows:
        table.add_row(*("not run" if cell is None else str(cell) for cell in row))
    console.print(table)


def shown_name(raw: bytes) -> str:
    """A raw file name for a terminal: no control characters, bytes that are not UTF-8 escaped."""
    text = raw.decode("utf-8", errors="backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, set | frozenset):
        return sorted(value)
    return str(value)
