"""Puts the sample together and writes it.

Here: which file lies where in the two accessions, and the settings beside them. Not here: the content of the files.
"""

import errno
import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote_from_bytes

from iimm_pipelines.sample import letters, ooxml, pdf, pictures, sounds
from iimm_pipelines.sample.containers import encrypted_zip, mail, zipped
from iimm_pipelines.sample.files import BytesFrom, SampleError, SampleFile, text_file
from iimm_pipelines.sample.searches import SEARCHES, searches_toml

ZIP_PASSWORD = b"monsoon-lamp"
PDF_PASSWORD = b"lantern"
# The first fits nothing: a list of passwords is tried to its end.
_PASSWORDS = (b"not-this-one", ZIP_PASSWORD, PDF_PASSWORD)
# Every received file is last changed on 1 March 2022 at 08:00 UTC, so that a listing is the same on every machine.
_CHANGED_NANOSECONDS = 1_646_121_600 * 10**9
_LONGEST_NAME_BYTES = 255


@dataclass(frozen=True, slots=True)
class Accession:
    """What one source hands over, and under which terms."""

    name: str
    source: str
    basis: str
    marks: tuple[str, ...]
    note: str
    files: tuple[SampleFile, ...]
    passwords: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class AccessionSummary:
    """One accession as written: its folder, its settings, its passwords if it has any."""

    folder: Path
    settings: Path
    passwords: Path | None
    files: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class SampleSummary:
    """The sample as written."""

    folder: Path
    accessions: tuple[AccessionSummary, ...]
    searches: Path
    searches_count: int

    @property
    def files(self) -> int:
        """Received files in all accessions."""
        return sum(accession.files for accession in self.accessions)


def make_sample(folder: Path) -> SampleSummary:
    """Write the sample into the folder. What stands there from an earlier time is written again, the same.

    Raises:
        SampleError: a program or font is missing, the file system refuses a name, or the folder holds other files.
    """
    accessions = sample_accessions()
    written = tuple(_write_accession(folder, accession) for accession in accessions)
    searches = folder / "searches.toml"
    searches.write_text(searches_toml(), encoding="utf-8")
    return SampleSummary(folder, written, searches, len(SEARCHES))


def digest_table(accessions: Sequence[Accession]) -> str:
    """A line for each file: SHA-256, what its bytes depend on, accession and path (percent-encoded)."""
    return "".join(
        f"{hashlib.sha256(file.content).hexdigest()} {file.bytes_from} {accession.name}/{quote_from_bytes(file.path)}\n"
        for accession in accessions
        for file in accession.files
    )


def sample_accessions() -> tuple[Accession, Accession]:
    """Both accessions with all their bytes, in memory."""
    first = _first_files()
    by_path = {file.path: file for file in first}

    def shared(path: str, original: str) -> SampleFile:
        file = by_path[original.encode()]
        return SampleFile(path.encode(), file.content, file.bytes_from)

    copies = [
        shared("copies/order 14 (1).pdf", "orders/order-14.pdf"),
        shared("copies/IMG_0001.jpg", "photos/river.jpg"),
        shared("copies/letter.txt", "letters/garden-2.txt"),
    ]
    second = [
        *_second_files(),
        shared("photos/IMG_2044.jpg", "photos/road.jpg"),
        shared("tables/list.xlsx", "tables/incidents.xlsx"),
        shared("orders/received-by-post.pdf", "orders/order-14.pdf"),
        shared("voice/AUD-0003.mp3", "sounds/radio-2.mp3"),
        shared("archive/backup.zip", "locked/papers.zip"),
        shared("archive/stock.pdf", "locked/stock-128.pdf"),
        shared("letters/fires.txt", "reports/fires-2.txt"),
    ]
    return (
        Accession(
            "accession-1",
            "S-017",
            "consent",
            ("restricted",),
            "Papers of a village, invented for demonstration.",
            (*first, *copies),
        ),
        Accession(
            "accession-2",
            "S-022",
            "arrangement",
            ("restricted", "compartment-witness"),
            "Statements of witnesses, invented for demonstration.",
            tuple(second),
            _PASSWORDS,
        ),
    )


def _first_files() -> list[SampleFile]:
    photos = pictures.scenes()
    page_image = pictures.scanned_page(letters.SCANNED_ORDER)
    school_speech = sounds.spoken(letters.RADIO_SCHOOL)
    locked = {"list.txt": "\n".join(letters.LOCKED_REPORT).encode(), "photo.jpg": photos["market"]}
    inner = zipped({"note.txt": letters.VILLAGE_WORKS[1].encode(), "school.jpg": photos["school"]})
    return [
        *letters.village_letters(),
        _file("orders/order-14.docx", ooxml.docx(letters.ORDER_14, author="Township Office")),
        _file("orders/အမိန့်စာ-၁၄.docx", ooxml.docx(letters.ORDER_14_BURMESE, author="မြို့နယ်ရုံး")),
        _file("orders/order-14.pdf", pdf.text_pdf(letters.ORDER_14, title="Order 14")),
        _file("reports/february.pdf", pdf.text_pdf(letters.MONTHLY_REPORT, title="Monthly report")),
        _file(
            "statements/with-picture.docx",
            ooxml.docx(letters.PICTURE_STATEMENT, author="Villager", picture=pictures.resized("road")),
        ),
        _file("tables/incidents.xlsx", ooxml.xlsx("incidents", letters.INCIDENTS, author="Records Desk")),
        _file("tables/vehicles.xlsx", ooxml.xlsx("ယာဉ်များ", letters.VEHICLES, author="Records Desk")),
        _file("scans/order-21.png", pictures.png_of(page_image), BytesFrom.FONT),
        _file(
            "scans/order-21.pdf",
            pdf.picture_pdf(pictures.jpeg(page_image), *page_image.size),
            BytesFrom.FONT,
        ),
        *(_file(f"photos/{name}.jpg", content) for name, content in photos.items()),
        _file("photos/house-small.jpg", pictures.resized("house")),
        _file("photos/house-sent.jpg", pictures.recompressed("house")),
        _file("photos/river-sent.jpg", pictures.recompressed("river")),
        _file("photos/road-turned.jpg", pictures.turned("road")),
        _file("photos/school-upright.jpg", pictures.held_upright("school")),
        _file("photos/market.png", pictures.as_png("market")),
        _file("sounds/radio-1.wav", sounds.spoken(letters.RADIO_RIVER), BytesFrom.VOICE),
        _file("sounds/radio-2.wav", school_speech, BytesFrom.VOICE),
        _file("sounds/radio-2.mp3", sounds.mp3(school_speech), BytesFrom.VOICE),
        _file("sounds/noise.wav", sounds.noise(5)),
        _file("sounds/silence.wav", sounds.silence(4)),
        _file("mail/post-bag.zip", zipped({"message.eml": _message()})),
        _file("mail/outer.zip", zipped({"inner.zip": inner, "read me.txt": b"The papers are in the inner archive.\n"})),
        _file("locked/papers.zip", encrypted_zip(locked, ZIP_PASSWORD)),
        _file("locked/stock-40.pdf", _locked_pdf(40)),
        _file("locked/stock-128.pdf", _locked_pdf(128)),
        *_odd_files(photos),
    ]


def _second_files() -> list[SampleFile]:
    return [
        *letters.witness_letters(),
        _file("statements/w-01.docx", ooxml.docx(letters.WITNESS_STATEMENTS[0].splitlines(), author="Interviewer")),
        _file("tables/interviews.xlsx", ooxml.xlsx("interviews", letters.WITNESS_TABLE, author="Interviewer")),
        _file("photos/forwarded.jpg", pictures.recompressed("road")),
        _file("photos/small.jpg", pictures.resized("market")),
        _file("photos/upright.jpg", pictures.held_upright("house")),
        _file("voice/message.wav", sounds.spoken(letters.TELEPHONE), BytesFrom.VOICE),
        _file("mail/message.eml", _witness_message()),
        _file("empty", b""),
    ]


def _odd_files(photos: dict[str, bytes]) -> list[SampleFile]:
    """Damage, lies about the type, and names that break careless programs."""
    whole = zipped({"first.txt": b"The first page of the list.\n" * 40, "second.txt": b"The second page.\n" * 40})
    repeated = "statement-of-what-was-seen-"
    long_name = (repeated * 10)[: _LONGEST_NAME_BYTES - 4] + ".txt"
    return [
        text_file("odd/empty.txt", ""),
        _file("odd/cut-short.jpg", photos["market"][: len(photos["market"]) // 3]),
        _file("odd/cut-short.zip", whole[: len(whole) // 2]),
        _file("odd/letter.pdf", pictures.recompressed("school")),
        text_file("odd/photo.jpg", letters.page("Not a photograph", ["This page was saved under a wrong name."])),
        text_file("odd/two\nlines.txt", "The name of this file has two lines.\n"),
        SampleFile(b"odd/caf\xe9.txt", b"The name of this file is not UTF-8.\n"),
        text_file(f"odd/{long_name}", "The name of this file is as long as a name can be.\n"),
    ]


def _message() -> bytes:
    """A mail whose attachment alone names a place."""
    return mail(
        subject="အမိန့်စာ ပေးပို့ခြင်း",
        text="Please find the order and the list attached.\r\n",
        html='<p>Please find the order and the list <b>attached</b>.</p><img src="cid:seal">\r\n',
        inline_png=pictures.seal(),
        attachments={
            "အမိန့်စာ-၇.html": (
                'text/html; charset="utf-8"',
                letters.page(letters.ORDER_OF_KHIN_U[0], letters.ORDER_OF_KHIN_U[1:]).encode(),
            ),
            "list.txt": ('text/plain; charset="utf-8"', b"Chairs: 12\r\nTables: 4\r\n"),
        },
    )


def _witness_message() -> bytes:
    """A mail with a statement as Word document."""
    statement = ooxml.docx(letters.WITNESS_STATEMENTS[1].splitlines(), author="Interviewer")
    return mail(
        subject="Statement W-02",
        text="The statement is attached. Do not forward.\r\n",
        html='<p>The statement is attached. <i>Do not forward.</i></p><img src="cid:seal">\r\n',
        inline_png=pictures.seal(),
        attachments={
            "w-02.docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", statement)
        },
    )


def _locked_pdf(bits: int) -> bytes:
    return pdf.encrypted_pdf(letters.LOCKED_REPORT, title="Stock", password=PDF_PASSWORD, bits=bits)


def _file(path: str, content: bytes, bytes_from: BytesFrom = BytesFrom.CODE) -> SampleFile:
    return SampleFile(path.encode(), content, bytes_from)


def _write_accession(folder: Path, accession: Accession) -> AccessionSummary:
    received = folder / accession.name
    received.mkdir(parents=True, exist_ok=True)
    root = os.fsencode(received)
    for file in accession.files:
        _write_file(root + b"/" + file.path, file.content)
    expected = {file.path for file in accession.files}
    others = sum(1 for path in received.rglob("*") if not path.is_dir() and _relative(path, root) not in expected)
    if others:
        raise SampleError(f"{accession.name} holds {others} other files. Choose an empty folder, or take them out.")
    settings = folder / f"{accession.name}.toml"
    settings.write_text(_settings(accession), encoding="utf-8")
    passwords = None
    if accession.passwords:
        passwords = folder / f"{accession.name}.passwords"
        passwords.write_bytes(b"".join(password + b"\n" for password in accession.passwords))
    size = sum(len(file.content) for file in accession.files)
    return AccessionSummary(received, settings, passwords, len(accession.files), size)


def _write_file(path: bytes, content: bytes) -> None:
    target = Path(os.fsdecode(path))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    except OSError as exception:
        if exception.errno in (errno.EILSEQ, errno.EINVAL, errno.ENAMETOOLONG):
            raise SampleError(
                "This file system refuses one of the sample's names (one is not UTF-8, one has a line break, one is "
                "255 bytes long). Choose a folder on a file system that takes any name, such as ext4, xfs or tmpfs."
            ) from None
        raise
    os.utime(target, ns=(_CHANGED_NANOSECONDS, _CHANGED_NANOSECONDS))


def _relative(path: Path, root: bytes) -> bytes:
    return os.fsencode(path)[len(root) + 1 :]


def _settings(accession: Accession) -> str:
    entries = {
        "source": accession.source,
        "basis": accession.basis,
        "marks": list(accession.marks),
        "note": accession.note,
    }
    return "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in entries.items())
