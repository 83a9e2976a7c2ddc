"""Hash lists that people hand in: CSV with digests of files that are known and must not be opened.

Here: reading one, in any of the forms in which they come.
Not here: keeping it (storage/hash_lists), what follows from it (accessions/holds).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

_HEX = {"sha256": re.compile(r"[0-9a-fA-F]{64}"), "sha1": re.compile(r"[0-9a-fA-F]{40}"),
        "md5": re.compile(r"[0-9a-fA-F]{32}")}  # fmt: skip
"""The strongest first: where a row has several, it is found by that one alone."""


class HashListInvalid(ValueError):
    """A list cannot be taken; the message names the line."""


def read_hash_list(file: Path) -> frozenset[bytes]:
    """The digests of a list: SHA-256, SHA-1 or MD5 in hex, in columns of these names, or the first column.

    Raises:
        HashListInvalid: it is no CSV, a row holds no digest, or it is empty.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            found = frozenset(_digests(csv.reader(lines)))
    except UnicodeDecodeError:
        raise HashListInvalid("the list is not UTF-8: save it as CSV in UTF-8") from None
    except csv.Error as wrong:
        raise HashListInvalid(f"the list is no CSV: {wrong}") from None
    if not found:
        raise HashListInvalid("the list holds no digest")
    return found


def _digests(rows: Iterator[Sequence[str]]) -> Iterator[bytes]:
    columns: Mapping[str, int] | None = None
    for line, row in enumerate(rows, 1):
        if not any(cell.strip() for cell in row) or row[0].lstrip().startswith("#"):
            continue
        if columns is None:
            named = {re.sub(r"[^a-z0-9]", "", cell.lower()): i for i, cell in enumerate(row)}
            columns = {n: named[n] for n in _HEX if n in named}
            if columns:
                continue
        digest = _strongest(row, columns)
        if digest is None:
            raise HashListInvalid(
                f"line {line} holds no SHA-256, SHA-1 or MD5 in hex: name the columns sha256, sha1 or md5 in a first "
                "line, or put the digest into the first column"
            )
        yield digest


def _strongest(row: Sequence[str], columns: Mapping[str, int]) -> bytes | None:
    for name, form in _HEX.items():
        place = columns.get(name) if columns else 0
        if place is not None and place < len(row) and form.fullmatch(cell := row[place].strip()):
            return bytes.fromhex(cell)
    return None
