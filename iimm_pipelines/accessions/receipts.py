"""Receipts for sources: what was received, by count and digest, signed, and nothing else.

Here: issuing a receipt as text and PDF with its custody event, and checking one without a holding.
Not here: how the PDF is set (receipt_pdf).

No file name, mark, shard, source or other accession stands in a receipt. The signature covers a short text, which names
the digests of the list below it and of the PDF: so that a list of any length is written and checked in a stream.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from iimm_pipelines.accessions.facts import Unknown, from_text
from iimm_pipelines.accessions.register import RegistrationRefused, accession_root
from iimm_pipelines.custody.note import NoteInvalid, read_note, signed_note
from iimm_pipelines.custody.signing import Verifier
from iimm_pipelines.holding import Holding
from iimm_pipelines.storage.catalogue import AccessionRow
from iimm_pipelines.storage.durable import draft, make_folder, sync_folder, write_atomic

KEY_NAME = "iimm-receipt"
KEY_FILE = "receipt-key.pem"
_HEAD_BYTES = 64 << 10
_DIGEST_LINE = re.compile(rb"[0-9a-f]{64}\n")
_TITLE = "Receipt for what was handed over"
_LABELS = {
    "accession": "Accession", "registered_at": "Registered", "issued_at": "Receipt issued", "exhibits": "Exhibits",
    "files": "Files received", "bytes": "Bytes received", "unread": "Files that could not be read",
    "not_followed": "Links and devices, not followed", "root": "Root over all files",
    "listed": "SHA-256 of the list", "pdf": "SHA-256 of the PDF",
}  # fmt: skip


class ReceiptInvalid(ValueError):
    """A receipt is not as it was signed; the message says what of it."""


@dataclass(frozen=True, slots=True)
class Head:
    """What is signed. Digests are lower-case hex; `exhibits` is empty where it is not known how many there were."""

    accession: str
    registered_at: str
    issued_at: str
    exhibits: str
    files: int
    bytes: int
    unread: int
    not_followed: int
    root: str
    listed: str
    pdf: str

    def lines(self) -> list[tuple[str, str]]:
        """Label and value of each line of the text; what is not known is left out."""
        return [(_LABELS[n], str(v)) for n, v in asdict(self).items() if v != ""]


@dataclass(frozen=True, slots=True)
class Issued:
    """The files of a receipt, for the source to take along, and what is signed in it."""

    text: Path
    pdf: Path
    key: Path
    head: Head


def issue(holding: Holding, number: str, folder: Path) -> Issued:
    """Write the receipt of an accession into a folder; a custody event says that it was issued, and which.

    Raises:
        RegistrationRefused: the accession is not sealed yet, or there is such a receipt in the folder.
        CatalogueError: there is no such accession.
        Busy: its intake is running.
    """
    _sealed(holding, number)
    text, pdf = (folder / f"receipt-{number}.{kind}" for kind in ("txt", "pdf"))
    if text.exists() or pdf.exists():
        raise RegistrationRefused(f"there is a receipt of {number} in {folder}: name another folder")
    make_folder(folder)
    with holding.catalogue.lease(number), draft(folder) as of_list, draft(folder) as of_pdf, draft(folder) as of_text:
        head = _write(holding, _sealed(holding, number), of_list.file, of_pdf.file)
        signed = signed_note(_body(head, text.name, holding), holding.record.signer, KEY_NAME).encode()
        digest = _copy([signed, b"\n"], of_list.file, of_text.file)
        body = {"files": head.files, "listed": head.listed, "pdf": head.pdf, "root": head.root, "text": digest}
        holding.catalogue.note_event(holding.record.event("receipt issued", number, body))
        holding.record.drain()
        if not (of_text.link(text) and of_pdf.link(pdf)):
            raise RegistrationRefused(f"there is a receipt of {number} in {folder}: name another folder")
    sync_folder(folder)
    write_atomic(folder / KEY_FILE, holding.record.verifier.pem)
    return Issued(text, pdf, folder / KEY_FILE, head)


def check(text: Path, verifier: Verifier) -> Head:
    """Check a receipt's signature, its list, and its PDF where that lies beside it.

    Raises:
        ReceiptInvalid: not signed by this key, or the list or the PDF is not the one that was signed.
    """
    with text.open("rb") as file:
        head = _read_head(file, verifier)
        found, count = hashlib.sha256(), 0
        for line in _digest_lines(file):
            found.update(line)
            count += 1
    if (found.hexdigest(), count) != (head.listed, head.files):
        raise ReceiptInvalid("the list of digests is not the one that was signed")
    pdf = text.with_suffix(".pdf")
    if pdf.exists():
        with pdf.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != head.pdf:
                raise ReceiptInvalid(f"{pdf.name} is not the PDF that was signed")
    return head


def same_files(head: Head, folder: Path) -> bool:
    """Whether the files below a folder are exactly those of a checked receipt, names included."""
    top = os.fsencode(folder)
    found = []
    for place, _, names in os.walk(top):
        for path in (os.path.join(place, n) for n in names):  # noqa: PTH118 (raw names)
            if os.path.isfile(path) and not os.path.islink(path):  # noqa: PTH113, PTH114 (raw names)
                with open(path, "rb") as file:  # noqa: PTH123 (raw names)
                    found.append((path[len(top.rstrip(b"/")) + 1 :], hashlib.file_digest(file, "sha256").digest()))
    return accession_root(sorted(found)) == head.root


def _sealed(holding: Holding, number: str) -> AccessionRow:
    row = holding.catalogue.accession(number)
    if row.root is None:
        raise RegistrationRefused(f"{number} has not been read yet: `iimm run` first, then its receipt")
    return row


def _write(holding: Holding, row: AccessionRow, of_list: BinaryIO, of_pdf: BinaryIO) -> Head:
    from iimm_pipelines.accessions.receipt_pdf import write_pdf

    counts: Counter[str] = Counter()
    listed = hashlib.sha256()
    for digest in _digests(holding, row, counts):
        line = digest.hex().encode() + b"\n"
        of_list.write(line)
        listed.update(line)
    if counts["files"] + counts["unread"] + counts["not_followed"] != row.received:
        raise RegistrationRefused(f"not every file of {row.number} is answered for: `iimm run` first")
    exhibits = from_text(row.facts).exhibits
    head = Head(accession=row.number, registered_at=row.registered_at,
                issued_at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
                exhibits="" if isinstance(exhibits, Unknown) else str(len(exhibits)), files=counts["files"],
                bytes=counts["bytes"], unread=counts["unread"], not_followed=counts["not_followed"],
                root=row.root or "", listed=listed.hexdigest(), pdf="")  # fmt: skip
    of_list.seek(0)
    write_pdf(of_pdf, _TITLE, head.lines(), _how_to_check(f"receipt-{row.number}.txt", holding),
              (line.decode().rstrip() for line in of_list))  # fmt: skip
    return replace(head, pdf=_copy((), of_pdf, None))


def _digests(holding: Holding, row: AccessionRow, counts: Counter[str]) -> Iterator[bytes]:
    """SHA-256 of each file that was read, in order of the places, part by part."""
    for shard in holding.catalogue.shards(row.number):
        for table in holding.parts.columns("inventory", shard.number, ["kind", "received"]):
            for kind, rows in zip(table["kind"].to_pylist(), table["received"].to_pylist(), strict=True):
                file = rows[0] if rows else {}
                if kind == "produced":
                    counts["files"] += 1
                    counts["bytes"] += file["size"]
                    yield file["sha256"]
                else:
                    counts["unread" if kind == "failed" else "not_followed"] += 1


def _body(head: Head, name: str, holding: Holding) -> str:
    facts = "".join(f"{label}: {value}\n" for label, value in head.lines())
    return f"{_TITLE}\n\n{facts}\n" + "".join(f"{line}\n" for line in _how_to_check(name, holding))


def _how_to_check(name: str, holding: Holding) -> list[str]:
    return [
        "Each file that was received stands in the list by its SHA-256, one a line.",
        f"The signature stands in {name}; it covers the text, the list and the PDF.",
        f"To check this receipt: iimm receipt verify {name} --key {KEY_FILE}",
        f"The key's fingerprint: {holding.record.verifier.key_id}",
        "Compare the fingerprint with the one that you were told when you met.",
    ]


def _copy(before: Iterable[bytes], source: BinaryIO, target: BinaryIO | None) -> str:
    """Some bytes and a file after them, written to a target; returns the SHA-256 of all."""
    found = hashlib.sha256()
    source.seek(0)
    for piece in chain(before, iter(lambda: source.read(1 << 20), b"")):
        found.update(piece)
        if target is not None:
            target.write(piece)
    return found.hexdigest()


def _read_head(file: BinaryIO, verifier: Verifier) -> Head:
    """The signed text: up to its signature line, with the empty line after it."""
    read = b""
    for line in iter(lambda: file.readline(_HEAD_BYTES), b""):
        read += line
        if line.startswith("— ".encode()) or len(read) > _HEAD_BYTES:
            break
    try:
        text = read_note(read.decode(), verifier, KEY_NAME)
    except UnicodeDecodeError:
        raise ReceiptInvalid("it is no receipt: not UTF-8") from None
    except NoteInvalid as wrong:
        raise ReceiptInvalid(f"it is no receipt as it was signed: {wrong}") from None
    if file.read(1) != b"\n":
        raise ReceiptInvalid("there is no empty line between the signature and the list")
    return _head(text)


def _head(text: str) -> Head:
    said = dict(line.split(": ", 1) for line in text.split("\n") if ": " in line)
    names = {label: name for name, label in _LABELS.items()}
    values: dict[str, str | int] = {n: v for label, v in said.items() if (n := names.get(label))}
    try:
        numbers = {n: int(values[n]) for n in ("files", "bytes", "unread", "not_followed")}
        # the counts are numbers by now, which mypy cannot see
        return Head(**{"exhibits": "", **values, **numbers})  # type: ignore[arg-type]
    except (KeyError, TypeError, ValueError):
        raise ReceiptInvalid("it is signed, and no receipt that this version reads") from None


def _digest_lines(file: BinaryIO) -> Iterator[bytes]:
    while line := file.readline(66):
        if not _DIGEST_LINE.fullmatch(line):
            raise ReceiptInvalid("the list holds what is no digest")
        yield line
