"""Bombs: small files that ask for much, each beside a harmless twin of the same make.

Here: how each is made, as small a file as will do, and how it must end.
Not here: damage without intent (mutations), running them (test_bombs, drill_bombs).

A bomb must end in its time, by rule: produced where a reader can simply take it, or with one of its reasons. The twin,
which is the same thing in a sensible size, must be produced.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from iimm_pipelines.engine.outcome import Reason

_BLOCK = 16 << 20
_GIB = 1 << 30


@dataclass(frozen=True, slots=True)
class Bomb:
    """One kind. `make(path, size)` writes it in a size that only it understands."""

    name: str
    suffix: str
    make: Callable[[Path, int], None]
    size: int
    twin: int
    ends: tuple[Reason | None, ...]
    """How it may end in `contents`; None: produced."""
    seconds: float = 30
    """Within which one idle processor must be through with it."""
    quick: bool = True
    """Whether it takes so little that each run of the tests can afford it."""


# text and mark-up


def nested(before: bytes, opening: bytes, middle: bytes, closing: bytes, after: bytes) -> Callable[[Path, int], None]:
    """Tags in tags in tags."""

    def make(path: Path, size: int) -> None:
        path.write_bytes(before + opening * size + middle + closing * size + after)

    return make


def laughs(path: Path, size: int) -> None:
    """An entity that stands for ten of the one before; size: how often."""
    path.write_bytes(_laughing(b"plan", size))


def laughs_in_svg(path: Path, size: int) -> None:
    """The same in a drawing."""
    drawn = b'<svg xmlns="http://www.w3.org/2000/svg"><text>%s</text></svg>'
    path.write_bytes(_entities(b"svg", size) + drawn % _last(size))


def laughs_in_docx(path: Path, size: int) -> None:
    """The same in a document."""
    _docx(path, [_entities(b"w:document", size) + _paragraph(b"<w:r><w:t>" + _last(size) + b"</w:t></w:r>")])


def outside_entity(path: Path, size: int) -> None:
    """A document that asks for a file of this machine, and for a page of another; size 0: for neither."""
    asked = b"&here;&there;" if size else b"words"
    entities = (b'<!DOCTYPE d [<!ENTITY here SYSTEM "file:///etc/passwd"><!ENTITY there SYSTEM "http://127.0.0.1:9/">]>'
                if size else b"")  # fmt: skip
    _docx(path, [b'<?xml version="1.0"?>' + entities + _paragraph(b"<w:r><w:t>" + asked + b"</w:t></w:r>")])


def one_run(path: Path, size: int) -> None:
    """A document whose only run of text has `size` bytes."""
    text = b"plan " * (1 << 10)
    whole = (text for _ in range(max(1, size // len(text))))
    _docx(path, _chained([b"<?xml version='1.0'?>" + _before_text()], whole, [_after_text()]))


def nested_tables(path: Path, size: int) -> None:
    """Tables in the cells of tables."""
    opening, closing = b"<w:tbl><w:tr><w:tc>", b"</w:tc></w:tr></w:tbl><w:p/>"
    _docx(path, [_paragraph(opening * size + b"<w:p><w:r><w:t>plan</w:t></w:r></w:p>" + closing * size)])


def sparse_sheet(path: Path, size: int) -> None:
    """A workbook of few cells, the last of which lies in row `size` of the last column."""
    from iimm_pipelines.sample.ooxml import xlsx

    made = io.BytesIO(xlsx("Sheet", [["plan", 1]], author="A"))
    last = b'<row r="%d"><c r="XFD%d"><v>1</v></c></row></sheetData>' % (size, size)
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"</sheetData>", last if size > 1 else b"</sheetData>"))


# mail


def nested_multiparts(path: Path, size: int) -> None:
    """Parts in parts in parts."""
    lines = [b"From: a@example.org", b"Subject: plan", b"MIME-Version: 1.0"]
    for number in range(size):
        lines += [b'Content-Type: multipart/mixed; boundary="b%d"' % number, b"", b"--b%d" % number]
    lines += [b"Content-Type: text/plain", b"", b"plan"]
    lines += [b"--b%d--" % number for number in reversed(range(size))]
    path.write_bytes(b"\r\n".join(lines))


def endless_words(path: Path, size: int) -> None:
    """A subject of encoded words that all begin and never end."""
    path.write_bytes(b"From: a@example.org\r\nSubject: " + b"=?utf-8?q?a" * size + b"?=\r\n\r\nplan\r\n")


def many_messages(path: Path, size: int) -> None:
    """A mailbox of messages of a few bytes."""
    path.write_bytes(b"From a@example.org Mon Jan  1 00:00:00 2024\nSubject: plan\n\nplan\n\n" * size)


# compressed


def zipped_zeros(path: Path, size: int) -> None:
    """A ZIP with one member of `size` zeros."""
    path.write_bytes(_zip([(b"zeros.bin", size, _deflated(size))]))


def zipped_many(path: Path, size: int) -> None:
    """A ZIP with `size` members of 16 MiB of zeros."""
    one = _deflated(_BLOCK)
    path.write_bytes(_zip([(b"%06d.bin" % n, _BLOCK, one) for n in range(size)]))


def overlapping(path: Path, size: int) -> None:
    """A ZIP whose directory names the same bytes `size` times."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("00000.bin", bytes(1 << 20))
        first = made.infolist()[0]
        for number in range(1, size):
            other = zipfile.ZipInfo(f"{number:05d}.bin")
            other.compress_type = first.compress_type
            other.header_offset, other.CRC = first.header_offset, first.CRC
            other.compress_size, other.file_size = first.compress_size, first.file_size
            made.filelist.append(other)


def gzipped(path: Path, size: int) -> None:
    """Zeros, as gzip streams one after the other, which are read as one."""
    path.write_bytes(_streams(gzip.compress, size))


def bzipped(path: Path, size: int) -> None:
    """Zeros by bzip2, a million of them in forty bytes."""
    path.write_bytes(_streams(bz2.compress, size))


def xzipped(path: Path, size: int) -> None:
    """Zeros by xz."""
    path.write_bytes(_streams(lzma.compress, size))


def tarred_bzipped(path: Path, size: int) -> None:
    """A tar of one file of `size` zeros, by bzip2."""
    header = tarfile.TarInfo("zeros.bin")
    header.size = size
    end = bytes(1024)
    path.write_bytes(bz2.compress(header.tobuf()) + _streams(bz2.compress, size) + bz2.compress(end))


def lying_tar(path: Path, size: int) -> None:
    """A tar whose file claims to have `size` bytes and has ten."""
    header = tarfile.TarInfo("claims.bin")
    header.size = size
    path.write_bytes(header.tobuf(tarfile.GNU_FORMAT) + b"ten bytes!".ljust(512, b"\0") + bytes(1024))


def many_members(path: Path, size: int) -> None:
    """A tar of empty files."""
    with tarfile.open(path, "w:gz", compresslevel=1) as made:
        for number in range(size):
            made.addfile(tarfile.TarInfo(f"{number:07d}"))


def nested_zip(path: Path, size: int) -> None:
    """A ZIP in a ZIP in a ZIP."""
    data, name = b"plan", "plan.txt"
    for number in range(size):
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
            new.writestr(name, data)
        data, name = made.getvalue(), f"{number}.zip"
    path.write_bytes(data)


# PDF and pictures


def circular_pages(path: Path, size: int) -> None:
    """A PDF whose tree of pages holds itself; size 0: a page."""
    kids = b"[2 0 R 3 0 R]" if size else b"[3 0 R]"
    _pdf(path, {2: b"<< /Type /Pages /Kids %s /Count %d >>" % (kids, 1 + size)}, b"BT /F1 12 Tf 72 700 Td (plan) Tj ET")


def nested_arrays(path: Path, size: int) -> None:
    """A PDF with arrays in arrays in arrays."""
    _pdf(path, {6: b"[" * size + b"]" * size}, b"BT /F1 12 Tf 72 700 Td (plan) Tj ET")


def operators(path: Path, size: int) -> None:
    """A PDF whose page is drawn by `size` operators."""
    block = b"0 0 m 1 1 l S\n" * 1000
    drawn = zlib.compressobj(1)
    data = b"".join([drawn.compress(block) for _ in range(size // 3000)]) + drawn.flush()
    _pdf(path, {}, data, b"/Filter /FlateDecode ")


def picture_of_one_colour(path: Path, size: int) -> None:
    """A PNG of `size` times `size` pixels."""
    rows = (bytes(1 + size // 8) for _ in range(size))
    packed = zlib.compressobj(9)
    data = b"".join([packed.compress(row) for row in rows]) + packed.flush()
    head = struct.pack(">IIBBBBB", size, size, 1, 0, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", data), (b"IEND", b"")]
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*c) for c in chunks))


# parts of the above


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _laughing(root: bytes, size: int) -> bytes:
    return _entities(root, size) + b"<%s>%s</%s>" % (root, _last(size), root)


def _entities(root: bytes, size: int) -> bytes:
    lines = [b'<?xml version="1.0"?>\n<!DOCTYPE %s [\n<!ENTITY e0 "ha">' % root]
    lines += [b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, size + 1)]
    return b"\n".join(lines) + b"\n]>\n" if size else b'<?xml version="1.0"?>\n'


def _last(size: int) -> bytes:
    return b"&e%d;" % size if size else b"plan"


def _streams(compress: Callable[[bytes], bytes], size: int) -> bytes:
    """`size` zeros as whole compressed streams, one after the other: made in no time whatever the size."""
    whole, rest = divmod(size, _BLOCK)
    return compress(bytes(_BLOCK)) * whole + (compress(bytes(rest)) if rest else b"")


def _deflated(size: int) -> bytes:
    """`size` zeros as one deflate stream, of blocks that do not know of each other."""
    blocks, rest = divmod(size, _BLOCK)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(bytes(_BLOCK)) + packer.flush(zlib.Z_FULL_FLUSH) if blocks else b""
    last = zlib.compressobj(9, zlib.DEFLATED, -15)
    return block * blocks + last.compress(bytes(rest)) + last.flush()


def _zip(members: list[tuple[bytes, int, bytes]]) -> bytes:
    """A ZIP64 of members given as name, size and deflated bytes of zeros."""
    body, directory = io.BytesIO(), io.BytesIO()
    for name, size, data in members:
        crc = _crc_of_zeros(size)
        extra = struct.pack("<HHQQ", 1, 16, size, len(data))
        fields = struct.pack("<HHHHHIIIHH", 45, 0, 8, 0, 0x21, crc, 0xFFFFFFFF, 0xFFFFFFFF, len(name), len(extra))
        far = struct.pack("<HHQQQ", 1, 24, size, len(data), body.tell())
        central = struct.pack("<HHHHHHIIIHHHHHII", 45, 45, 0, 8, 0, 0x21, crc, 0xFFFFFFFF, 0xFFFFFFFF, len(name),
                              len(far), 0, 0, 0, 0, 0xFFFFFFFF)  # fmt: skip
        body.write(b"PK\3\4" + fields + name + extra + data)
        directory.write(b"PK\1\2" + central + name + far)
    at, length, count = body.tell(), directory.tell(), len(members)
    end = b"PK\6\6" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, count, count, length, at)
    locator = b"PK\6\7" + struct.pack("<IQI", 0, at + length, 1)
    short = min(count, 0xFFFF)
    last = b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, short, short, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return body.getvalue() + directory.getvalue() + end + locator + last


def _crc_of_zeros(size: int) -> int:
    """Only of what may be read to its end: a bomb's does not matter."""
    return zlib.crc32(bytes(size)) if size <= 2 * _BLOCK else 0


def _before_text() -> bytes:
    space = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    return b'<w:document xmlns:w="%s"><w:body><w:p><w:r><w:t>' % space


def _after_text() -> bytes:
    return b"</w:t></w:r></w:p></w:body></w:document>"


def _paragraph(inside: bytes) -> bytes:
    space = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    body = inside if inside.startswith(b"<w:tbl") else b"<w:p>" + inside + b"</w:p>"
    return b'<w:document xmlns:w="%s"><w:body>%s</w:body></w:document>' % (space, body)


def _chained(*pieces: Iterator[bytes] | list[bytes]) -> Iterator[bytes]:
    for each in pieces:
        yield from each


def _docx(path: Path, document: Iterator[bytes] | list[bytes]) -> None:
    """A Word document with this as its main part."""
    types = (b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
             b'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
             b'<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.'
             b'wordprocessingml.document.main+xml"/></Types>')  # fmt: skip
    relations = (b'<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
                 b'relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
                 b'relationships/officeDocument" Target="word/document.xml"/></Relationships>')  # fmt: skip
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made:
        made.writestr("[Content_Types].xml", types)
        made.writestr("_rels/.rels", relations)
        with made.open("word/document.xml", "w", force_zip64=True) as part:
            for piece in document:
                part.write(piece)


def _pdf(path: Path, other: dict[int, bytes], content: bytes, filters: bytes = b"") -> None:
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R /Extra 6 0 R >>",
        2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
           b"/Resources << /Font << /F1 5 0 R >> >> >>",
        4: b"<< /Length %d %s>>\nstream\n%s\nendstream" % (len(content), filters, content),
        5: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        6: b"[]",
    } | other  # fmt: skip
    made = io.BytesIO()
    made.write(b"%PDF-1.7\n")
    places = []
    for number in sorted(objects):
        places.append(made.tell())
        made.write(b"%d 0 obj\n%s\nendobj\n" % (number, objects[number]))
    start = made.tell()
    made.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    made.writelines(b"%010d 00000 n \n" % place for place in places)
    made.write(b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start))
    path.write_bytes(made.getvalue())


LIMIT, DAMAGED, MEMORY, TIME = Reason.LIMIT_REACHED, Reason.DAMAGED, Reason.OUT_OF_MEMORY, Reason.TIMED_OUT
_XML = nested(b'<?xml version="1.0"?>\n<r>', b"<a>", b"plan", b"</a>", b"</r>")
_HTML = nested(b"<!DOCTYPE html><html><body>", b"<div>", b"<p>plan</p>", b"</div>", b"</body></html>")
_TABLES = nested(b"<!DOCTYPE html><html><body>", b"<table><tr><td>", b"plan", b"</td></tr></table>", b"</body></html>")

BOMBS = (
    Bomb("nested-tags", ".xml", _XML, 200_000, 20, (None, LIMIT, DAMAGED)),
    Bomb("nested-divisions", ".html", _HTML, 200_000, 20, (None, LIMIT)),
    Bomb("nested-html-tables", ".html", _TABLES, 20_000, 3, (None, LIMIT)),
    Bomb("nested-tables", ".docx", nested_tables, 2_000, 2, (LIMIT,)),
    Bomb("laughs", ".xml", laughs, 9, 0, (None, LIMIT, DAMAGED)),
    Bomb("laughs", ".svg", laughs_in_svg, 9, 0, (None, LIMIT, DAMAGED)),
    Bomb("laughs", ".docx", laughs_in_docx, 9, 0, (LIMIT, DAMAGED)),
    Bomb("outside-entity", ".docx", outside_entity, 1, 0, (None, DAMAGED)),
    Bomb("sparse-sheet", ".xlsx", sparse_sheet, 1_048_576, 1, (None, LIMIT)),
    Bomb("nested-multiparts", ".eml", nested_multiparts, 3_000, 5, (None, LIMIT)),
    Bomb("endless-words", ".eml", endless_words, 200_000, 1, (None, LIMIT)),
    Bomb("overlapping", ".zip", overlapping, 500, 1, (DAMAGED,)),
    Bomb("nested", ".zip", nested_zip, 60, 5, (None,)),
    Bomb("zeros", ".bz2", bzipped, 3 * _GIB, 1 << 20, (LIMIT,)),
    Bomb("zeros", ".xz", xzipped, _GIB, 1 << 20, (LIMIT,)),
    Bomb("zeros", ".tar.bz2", tarred_bzipped, 3 * _GIB, 1 << 20, (LIMIT,)),
    Bomb("claims", ".tar", lying_tar, 1 << 60, 10, (Reason.TRUNCATED, DAMAGED)),
    Bomb("circular-pages", ".pdf", circular_pages, 1, 0, (None, DAMAGED)),
    Bomb("nested-arrays", ".pdf", nested_arrays, 300_000, 5, (None, LIMIT, DAMAGED)),
    Bomb("operators", ".pdf", operators, 300_000, 3_000, (None, LIMIT)),
    Bomb("one-colour", ".png", picture_of_one_colour, 30_000, 200, (None, LIMIT)),
    # what takes more than a few seconds, or gigabytes of disk
    Bomb("deep-tables", ".docx", nested_tables, 20_000, 2, (LIMIT,), quick=False),
    Bomb("zeros", ".zip", zipped_zeros, 3 * _GIB, 1 << 20, (LIMIT,), seconds=90, quick=False),
    Bomb("zeros-beyond-a-file", ".zip", zipped_zeros, 9 * _GIB, 1 << 20, (LIMIT,), seconds=120, quick=False),
    Bomb("many-zeros", ".zip", zipped_many, 200, 1, (LIMIT,), seconds=120, quick=False),
    Bomb("zeros", ".txt.gz", gzipped, 3 * _GIB, 1 << 20, (LIMIT,), seconds=90, quick=False),
    Bomb("one-run", ".docx", one_run, 600 << 20, 1 << 16, (LIMIT, MEMORY, DAMAGED), seconds=90, quick=False),
    Bomb("all-operators", ".pdf", operators, 40_000_000, 3_000, (LIMIT, TIME, MEMORY, Reason.CRASHED), seconds=150, quick=False),
    Bomb("many-messages", ".mbox", many_messages, 300_000, 5, (None, LIMIT), seconds=300, quick=False),
    Bomb("many-members", ".tar.gz", many_members, 1_100_000, 5, (LIMIT, TIME), seconds=300, quick=False),
)  # fmt: skip
