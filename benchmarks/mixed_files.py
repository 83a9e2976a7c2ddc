"""The mixed files on which contents is measured: some folders of the evidence pack, and varied copies of them.

Here: which folders, and how a copy comes to be another object that reads the same.
Not here: what is measured on them (benchmarks.intake).

A copy has something at its end that its format passes over: a ZIP's comment, a comment of PDF, blank lines of text,
bytes behind a picture's or a recording's last block, a free sector of a compound file. Other formats have no such place
and are not copied.
"""

from __future__ import annotations

import random
import shutil
from pathlib import Path

PACK = Path(__file__).resolve().parents[1] / ".." / "shared" / "evidence-pack"
FOLDERS = ("tika_formats", "archives", "mail_eml", "pdf_samples", "text_charset", "datashare_docs", "web_warc")
_SECTOR = 512
_END_OF_ZIP = b"PK\x05\x06"
_END_OF_ZIP_BYTES = 22
_PASS_OVER_MORE = (b"\xff\xd8\xff", b"\x89PNG\r\n", b"GIF8", b"ID3", b"\xff\xfb")


def gathered(to: Path, *, count: int | None = None, copies: int = 1) -> list[Path]:
    """The files, or `count` of them, copied into one folder under numbers, each up to `copies` times."""
    found = sorted(p for folder in FOLDERS for p in (PACK / folder / "files").rglob("*") if p.is_file())
    some = random.Random(3).sample(found, len(found) if count is None else min(count, len(found)))
    to.mkdir()
    made = [Path(shutil.copy(path, to / f"0-{number:05d}{path.suffix}")) for number, path in enumerate(some)]
    originals = list(made)
    for nth in range(1, copies):
        for path in originals:
            if (data := varied(path.read_bytes(), nth)) is not None:
                made.append(path.with_name(f"{nth}{path.name[1:]}"))
                made[-1].write_bytes(data)
    random.Random(4).shuffle(made)
    return made


def varied(data: bytes, nth: int) -> bytes | None:
    """The same content in other bytes, different for each `nth` from 1; nothing where the format has no place for that."""
    if data[-_END_OF_ZIP_BYTES:].startswith(_END_OF_ZIP) and data.endswith(b"\0\0"):
        return data[:-2] + nth.to_bytes(2, "little") + b" " * nth
    if data.startswith(b"%PDF"):
        return data + b"\n%" + b"%" * nth + b"\n"
    if data.startswith(b"\xd0\xcf\x11\xe0") and len(data) % _SECTOR == 0:
        return data + nth.to_bytes(2, "little").ljust(_SECTOR, b"\0")
    if data.startswith(_PASS_OVER_MORE):
        return data + bytes(nth)
    if data and b"\0" not in data and data[:2] not in (b"PK", b"\x1f\x8b", b"BZ"):
        return data + b"\n" * nth
    return None
