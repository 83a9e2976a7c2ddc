"""Captures of the web: WARC and ARC record by record, WACZ as the ZIP that it is.

Here: what was sent over the wire as members, with address, time of capture and what the record says of itself; revisits
with the bytes of the capture that they point to.
Not here: reading the pages (they become items), ZIP (zipped), how captures are drawn again in a browser.
"""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

from iimm_pipelines.engine.outcome import Reason
from iimm_pipelines.formats import times, zipped
from iimm_pipelines.formats.parsed import FileKind, Limits, Member, Parsed, Relation, clean, worst
from iimm_pipelines.formats.scratch import LimitReached, Scratch
from iimm_pipelines.formats.signatures import ARC, by_signature

_USED = frozenset({"web"})
_BLOCK = 1 << 20
_GZIP = b"\x1f\x8b\x08"
_RECORD = b"WARC/"
_AGAIN = 1000
"""How often reading takes up again behind a place that is no record: beyond, it is no web archive."""
_SAID_ELSEWHERE = frozenset({"warc-target-uri", "warc-date", "warc-type"})
_HTTP_KEPT = ("Content-Type", "Date", "Last-Modified", "Location")
_SMALL = 1 << 20
_DECODING = (zlib.error, EOFError, ValueError)


@dataclass(slots=True)
class _Found:
    arc: bool
    members: list[Member] = field(default_factory=list)
    revisits: list[tuple[int, tuple[str, ...]]] = field(default_factory=list)
    """Places of members that repeat an earlier capture, each with the keys of that."""
    by_key: dict[bytes, int] = field(default_factory=dict)
    metadata: list[tuple[str, str]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    problem: Reason | None = None


def read(path: Path, scratch: Path, limits: Limits) -> Parsed:
    """Read a WARC or an ARC, compressed or not."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(_BLOCK)
    compressed, arc = head.startswith(_GZIP), by_signature(head) == ARC
    found = _Found(arc)
    records, plain = scratch / "records", scratch / "plain"
    records.mkdir()
    try:
        with path.open("rb") as file:
            framed = _go_through(file, Scratch(records, limits, size), limits, found, compressed)
        if not framed:  # one compressed stream around many records, or one that is damaged
            plain.mkdir()
            for member in records.iterdir():
                member.unlink()
            damage: list[Reason] = []
            written = Scratch(plain, limits, size).add(_inflated(path, damage))
            found = _Found(arc, metadata=[("compressed record by record", "false")])
            with written.path.open("rb") as file:
                _go_through(file, Scratch(records, limits, size), limits, found, compressed=False)
            written.path.unlink()
            found.problem = found.problem or (damage[0] if damage else None)
    except LimitReached:
        found.problem = Reason.LIMIT_REACHED
    members = _with_revisits(found)
    counts = [(f"records: {name}", str(count)) for name, count in sorted(found.counts.items())]
    nothing = None if found.counts else Reason.DAMAGED
    return Parsed(FileKind.CONTAINER, _USED, (*found.metadata, *counts), members=tuple(members),
                  problem=found.problem or worst(members) or nothing)  # fmt: skip


def read_wacz(path: Path, scratch: Path, passwords: Sequence[str], limits: Limits) -> Parsed:
    """Read a WACZ: its files as members, and whether they are those that its own list names."""
    found = zipped.read(path, scratch, passwords, limits)
    files = {member.path: member for member in found.members}
    listed, metadata = _package(files.get(b"datapackage.json"))
    if b"datapackage-digest.json" in files:
        metadata.append(("signed", "true"))
    wrong = 0
    for name, digest in listed:
        member = files.get(name)
        if member is None or member.file is None or _digest(member.file) != digest:
            wrong += 1
    metadata.append(("files that are as listed", f"{len(listed) - wrong} of {len(listed)}"))
    return replace(found, used=found.used | _USED, metadata=(*metadata, *found.metadata),
                   problem=found.problem or (Reason.DAMAGED if wrong else None))  # fmt: skip


def _go_through(file: BinaryIO, folder: Scratch, limits: Limits, found: _Found, compressed: bool) -> bool:
    """Fill `found`; say whether the file's compression is as the standard wants it."""
    from warcio.archiveiterator import ArchiveIterator
    from warcio.exceptions import ArchiveLoadFailed
    from warcio.statusandheaders import StatusAndHeadersParserException

    start = 0
    for _ in range(_AGAIN):
        file.seek(start)
        records = ArchiveIterator(file, arc2warc=True, check_digests=True)
        try:
            for record in records:
                _record(record, folder, limits, found)
        except (ArchiveLoadFailed, StatusAndHeadersParserException, AttributeError, *_DECODING):
            # An attribute is missing where a record has no type or no address.
            if compressed:
                return False
            found.problem = Reason.DAMAGED
            start = _next_record(file, max(start + 1, start + records.offset))
            if start < 0:
                return True
        else:
            if records.err_count:  # bytes between two records: a length was wrong
                found.problem = found.problem or Reason.DAMAGED
            return True
        finally:
            records.close()
    return True


def _next_record(file: BinaryIO, start: int) -> int:
    """Offset of the next line that begins a record, or -1."""
    file.seek(start)
    tail = b""
    at = start
    for block in iter(lambda: file.read(_BLOCK), b""):
        inside = (tail + block).find(b"\n" + _RECORD)
        if inside >= 0:
            return at - len(tail) + inside + 1
        tail = (tail + block)[-len(_RECORD) :]
        at += len(block)
    return -1


def _record(record: Any, folder: Scratch, limits: Limits, found: _Found) -> None:
    kind = str(record.rec_type or "unknown")
    found.counts[kind] += 1
    if kind in ("warcinfo", "arc_header"):
        if kind == "warcinfo":
            found.metadata.extend(_fields(record.content_stream().read(_SMALL)))
        return
    if len(found.members) >= limits.max_members:
        raise LimitReached
    member = _described(record, kind, len(found.members), found.arc)
    if not str(record.rec_headers.get_header("Content-Length") or "").strip().isdecimal():
        found.members.append(replace(member, problem=Reason.DAMAGED))
        return
    body = _blocks(record)
    if kind == "revisit":
        for _ in body:
            pass
        found.revisits.append((len(found.members), _pointed_at(record)))
        found.members.append(replace(member, problem=Reason.NO_BYTES))
        return
    first = _first(body)
    if kind == "request" and first == b"":
        found.counts["request without a body"] += 1
        return
    try:
        if isinstance(first, Reason):
            raise _Undecodable
        written = folder.add(_together(first, body))
    except (_Undecodable, *_DECODING):
        member = replace(member, problem=Reason.DAMAGED)
    else:
        member = replace(member, file=written.path, size=written.size)
        if _cut_off(record, member.size, found.arc):
            found.problem = Reason.TRUNCATED
        if record.digest_checker and record.digest_checker.passed is False:
            found.counts["whose digest does not hold"] += 1
            member = replace(member, metadata=(*member.metadata, ("digest holds", "false")))
        for key in _own_keys(record, member):
            found.by_key.setdefault(key, len(found.members))
    found.members.append(member)


def _cut_off(record: Any, size: int, arc: bool) -> bool:
    """Whether the file ended within the record. What an ARC counts is not certain, so there HTTP's own length is asked."""
    if not arc:
        return record.raw_stream.read(1) == b"" and getattr(record.raw_stream, "limit", 0) > 0
    http = record.http_headers
    length = (http and not http.get_header("Content-Encoding") and http.get_header("Content-Length")) or ""
    return length.isdecimal() and size < int(length)


class _Undecodable(Exception):
    """A payload is not in the encoding that its header claims."""


def _blocks(record: Any) -> Iterator[bytes]:
    import brotli

    stream = record.content_stream()
    try:
        yield from iter(lambda: stream.read(_BLOCK), b"")
    except brotli.error:
        raise _Undecodable from None


def _first(blocks: Iterator[bytes]) -> bytes | Reason:
    try:
        return next(blocks, b"")
    except (_Undecodable, *_DECODING):
        return Reason.DAMAGED


def _together(first: bytes, rest: Iterable[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _described(record: Any, kind: str, place: int, arc: bool) -> Member:
    url = clean(record.rec_headers.get_header("WARC-Target-URI") or "").strip()
    written = str(record.rec_headers.get_header("WARC-Date") or "")
    at = times.read(written)
    captured = at.utc_ms if at else None
    said = [("record", kind)]
    # For an ARC, warcio invents an identity, another one each time.
    elsewhere = _SAID_ELSEWHERE | ({"warc-record-id"} if arc else set())
    for name, value in record.rec_headers.headers:
        if name.lower().startswith("warc-") and name.lower() not in elsewhere:
            said.append((name.lower(), clean(value)))
    modified = None
    if record.http_headers and kind != "request":
        said.append(("http status", clean(record.http_headers.get_statuscode() or "")))
        for name in _HTTP_KEPT:
            value = record.http_headers.get_header(name)
            if value:
                said.append((f"http {name.lower()}", clean(value)))
        modified = _http_time(record.http_headers.get_header("Last-Modified"))
    path = url.encode("utf-8") or b"record-%06d" % (place + 1)
    return Member(path, Relation.MEMBER, None, 0, modified, url=url or None, captured_ms=captured,
                  captured_text=clean(written) if written and captured is None else None, metadata=tuple(said))  # fmt: skip


def _own_keys(record: Any, member: Member) -> Iterator[bytes]:
    headers = record.rec_headers
    if member.size:
        yield _key("digest", headers.get_header("WARC-Payload-Digest") or "")
    yield _key("id", headers.get_header("WARC-Record-ID") or "")
    yield _key("capture", headers.get_header("WARC-Target-URI") or "", headers.get_header("WARC-Date") or "")


def _pointed_at(record: Any) -> tuple[str, ...]:
    names = ("WARC-Refers-To", "WARC-Refers-To-Target-URI", "WARC-Refers-To-Date", "WARC-Payload-Digest")
    return tuple(record.rec_headers.get_header(name) or "" for name in names)


def _with_revisits(found: _Found) -> list[Member]:
    """The members, each revisit with the bytes that it points to, where this file holds them."""
    members = found.members
    for place, (record_id, url, date, digest) in found.revisits:
        keys = [_key("id", record_id)] if record_id else []
        keys += [_key("capture", url, date)] if url and date else []
        keys += [_key("digest", digest)] if digest else []
        target = next((members[found.by_key[key]] for key in keys if key in found.by_key), None)
        if target is not None:
            members[place] = replace(members[place], file=target.file, size=target.size, problem=None)
        else:
            found.counts["revisit of a record elsewhere"] += 1
    return members


def _key(*parts: str) -> bytes:
    """Sixteen bytes for what may be long: a large file has hundreds of thousands."""
    return sha256("\0".join(parts).encode("utf-8", errors="surrogateescape")).digest()[:16]


def _inflated(path: Path, damage: list[Reason]) -> Iterator[bytes]:
    """All that the members of a gzip file hold; what is damaged is left out, up to the next member."""
    with path.open("rb") as file:
        inflate = zlib.decompressobj(31)
        rest = b""
        for block in iter(lambda: file.read(_BLOCK), b""):
            rest += block
            while rest:
                try:
                    yield inflate.decompress(rest, _BLOCK)
                    rest = inflate.unconsumed_tail
                except zlib.error:
                    damage.append(Reason.DAMAGED)
                    rest = rest[1:]
                    rest = rest[rest.find(_GZIP) :] if _GZIP in rest else b""
                    inflate = zlib.decompressobj(31)
                if inflate.eof:
                    rest = inflate.unused_data.lstrip(b"\0")
                    inflate = zlib.decompressobj(31)
        if not inflate.eof and inflate.flush():
            damage.append(Reason.TRUNCATED)


def _http_time(written: str | None) -> int | None:
    at = times.from_mail(written or "")
    return at.utc_ms if at else None


def _fields(data: bytes) -> Iterator[tuple[str, str]]:
    for line in data.decode("utf-8", errors="replace").splitlines():
        name, colon, value = line.partition(":")
        if colon and value.strip():
            yield f"warcinfo:{name.strip().lower()}", value.strip()


def _package(member: Member | None) -> tuple[list[tuple[bytes, str]], list[tuple[str, str]]]:
    """Names and digests that a WACZ's list gives, and what it says of the whole."""
    if member is None or member.file is None or member.size > 64 * _SMALL:
        return [], []
    try:
        said = json.loads(member.file.read_bytes())
        listed = [(str(one["path"]).encode("utf-8", errors="surrogatepass"),
                   str(one.get("hash") or one["stats"]["hash"]).removeprefix("sha256:"))
                  for one in said["resources"]]  # fmt: skip
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return [], [("datapackage.json", "cannot be read")]
    return listed, [(f"wacz:{name}", clean(str(said[name])))
                    for name in ("title", "description", "created", "modified", "software", "wacz_version",
                                 "mainPageUrl", "mainPageDate") if said.get(name)]  # fmt: skip


def _digest(file: Path) -> str:
    from hashlib import file_digest

    with file.open("rb") as data:
        return file_digest(data, "sha256").hexdigest()
