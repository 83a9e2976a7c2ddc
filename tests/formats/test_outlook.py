"""Mailboxes of Outlook, written here after MS-PST: no free program writes them."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from iimm_pipelines.formats import mail, outlook
from iimm_pipelines.formats.parsed import Limits, Parsed

Value = str | bytes | int | bool
FILETIME_2021 = 132_539_328_000_000_000
"""2021-01-01T00:00:00Z in units of 100 ns since 1601."""


def crc(data: bytes) -> int:
    return zlib.crc32(data, 0xFFFFFFFF) ^ 0xFFFFFFFF


@dataclass
class Pst:
    """A Unicode mailbox without encryption (MS-PST): blocks, nodes, and the two trees that find them."""

    data: bytearray = field(default_factory=lambda: bytearray(0x4600))
    blocks: list[tuple[int, int, int]] = field(default_factory=list)
    nodes: dict[int, tuple[int, int, int]] = field(default_factory=dict)
    next_bid: int = 4

    def block(self, data: bytes, internal: bool = False) -> int:
        bid, self.next_bid = self.next_bid | (2 if internal else 0), self.next_bid + 4
        at = len(self.data)
        size = -(-(len(data) + 16) // 64) * 64
        mixed = (at ^ bid) & 0xFFFFFFFF
        trailer = struct.pack("<HHIQ", len(data), (mixed >> 16) ^ (mixed & 0xFFFF), crc(data), bid)
        self.data += data + bytes(size - len(data) - 16) + trailer
        self.blocks.append((bid, at, len(data)))
        return bid

    def subnodes(self, entries: Mapping[int, tuple[int, int]]) -> int:
        listed = b"".join(struct.pack("<QQQ", nid, *bids) for nid, bids in sorted(entries.items()))
        return self.block(struct.pack("<BBHI", 2, 0, len(entries), 0) + listed, internal=True) if entries else 0

    def node(self, nid: int, parent: int, data: bytes, sub: Mapping[int, tuple[int, int]] | None = None) -> None:
        self.nodes[nid] = (self.block(data), self.subnodes(sub or {}), parent)

    def page(self, kind: int, width: int, level: int, entries: list[bytes]) -> tuple[int, int]:
        self.data += bytes(-len(self.data) % 512)
        at, bid, self.next_bid = len(self.data), self.next_bid, self.next_bid + 4
        body = b"".join(entries).ljust(488, b"\0") + struct.pack("<BBBBI", len(entries), 488 // width, width, level, 0)
        mixed = (at ^ bid) & 0xFFFFFFFF
        self.data += body + struct.pack("<BBHIQ", kind, kind, (mixed >> 16) ^ (mixed & 0xFFFF), crc(body), bid)
        return bid, at

    def tree(self, kind: int, entries: list[tuple[int, bytes]]) -> tuple[int, int]:
        width = len(entries[0][1])
        most = 488 // width
        leaves = []
        for start in range(0, len(entries), most):
            some = entries[start : start + most]
            leaves.append(struct.pack("<QQQ", some[0][0], *self.page(kind, width, 0, [entry for _, entry in some])))
        return self.page(kind, 24, 1, leaves)

    def bytes(self) -> bytes:
        nodes = [(nid, struct.pack("<QQQII", nid, *rest, 0)) for nid, rest in sorted(self.nodes.items())]
        nbt = self.tree(0x81, nodes)
        bbt = self.tree(0x80, [(b, struct.pack("<QQQHHI", b, at, 0, 0, 0, 0)[:16] + struct.pack("<HHI", size, 2, 0))
                               for b, at, size in sorted(self.blocks)])  # fmt: skip
        root = struct.pack("<IQQQQQQQQBBH", 0, len(self.data), 0x4400, 0, 0, *nbt, *bbt, 2, 0, 0)
        body = b"SM" + struct.pack("<HHBBIIQQI", 23, 19, 1, 1, 0, 0, 0, self.next_bid, 1) + bytes(128) + bytes(8)
        body += root + bytes(4) + b"\xff" * 256 + struct.pack("<BBHQ", 0x80, 0, 0, self.next_bid)
        self.data[: 8 + len(body) + 4] = (
            b"!BDN" + struct.pack("<I", crc(body[:471])) + body + struct.pack("<I", crc(body))
        )
        return bytes(self.data)


def heap(client: int, root: int, pieces: list[bytes]) -> bytes:
    """A heap of one block (MS-PST, 2.3.1); identifiers count pieces from 1 and are shifted by five bits."""
    at, places, body = 12, [], b""
    for piece in pieces:
        places.append(at)
        body += piece
        at += len(piece)
    places.append(at)
    table = struct.pack("<HH", len(pieces), 0) + b"".join(struct.pack("<H", place) for place in places)
    return struct.pack("<HBBI4x", at, 0xEC, client, root << 5) + body + table


def kind_of(value: Value, tag: int) -> int:
    if tag == 0x3701:
        return 0x0D if isinstance(value, int) else 0x102
    if tag in (0x39, 0xE06, 0x3007, 0x3008):
        return 0x40
    return 0x1F if isinstance(value, str) else 0x102 if isinstance(value, bytes) else 0x0B if value is True else 3


def packed(value: Value, kind: int) -> bytes:
    if kind == 0x0D:
        return struct.pack("<II", int(value), 0)
    if isinstance(value, str):
        return value.encode("utf-16-le")
    return value if isinstance(value, bytes) else struct.pack("<Q" if kind == 0x40 else "<I", int(value))


def properties(values: Mapping[int, Value]) -> bytes:
    """A property context (MS-PST, 2.3.3): small values in the record, others as pieces of the heap."""
    pieces, records = [b"", b""], b""
    for tag, value in sorted(values.items()):
        kind = kind_of(value, tag)
        data = packed(value, kind)
        if kind in (3, 0x0B):
            reference = int(value)
        else:
            pieces.append(data)
            reference = len(pieces) << 5
        records += struct.pack("<HHI", tag, kind, reference)
    pieces[0], pieces[1] = struct.pack("<BBBBI", 0xB5, 2, 6, 0, 2 << 5), records
    return heap(0xBC, 1, pieces)


def table(rows: list[tuple[int, Mapping[int, Value]]]) -> bytes:
    """A table context (MS-PST, 2.3.4) whose columns are four bytes wide."""
    tags = [0x67F2, 0x67F3, *sorted({tag for _, row in rows for tag in row})]
    pieces, matrix, index = [b"", b"", b"", b""], b"", b""
    kinds = {tag: kind_of(next(row[tag] for _, row in rows if tag in row), tag) for tag in tags[2:]}
    for number, (row_id, row) in enumerate(rows):
        cells = [row_id, number]
        for tag in tags[2:]:
            value = row.get(tag, 0)
            if kinds[tag] == 0x1F:
                pieces.append(packed(str(value), 0x1F))
                value = len(pieces) << 5
            cells.append(int(value))
        matrix += b"".join(struct.pack("<I", cell) for cell in cells) + b"\xff"
        index += struct.pack("<II", row_id, number)
    end = 4 * len(tags)
    columns = b"".join(
        struct.pack("<HHHBB", kinds.get(tag, 3), tag, 4 * place, 4, place) for place, tag in enumerate(tags)
    )
    info = struct.pack("<BBHHHHIII", 0x7C, len(tags), end, end, end, end + 1, 2 << 5, 4 << 5 if rows else 0, 0)
    pieces[0], pieces[2] = info + columns, index
    pieces[1], pieces[3] = struct.pack("<BBBBI", 0xB5, 4, 4, 0, 3 << 5 if rows else 0), matrix
    return heap(0x7C, 1, pieces)


def message(pst: Pst, values: Mapping[int, Value], recipients: list[tuple[int, str]] | None = None,
            attached: list[Mapping[int, Value]] | None = None, inner: Mapping[int, Value] | None = None,
            inner_nid: int = 0) -> tuple[bytes, dict[int, tuple[int, int]]]:  # fmt: skip
    sub: dict[int, tuple[int, int]] = {}
    if recipients:
        rows: list[tuple[int, Mapping[int, Value]]] = [
            (n, {0xC15: kind, 0x3001: address.split("@")[0], 0x3003: address, 0x3002: "SMTP"})
            for n, (kind, address) in enumerate(recipients)
        ]
        sub[0x692] = (pst.block(table(rows)), 0)
    files: list[Mapping[int, Value]] = list(attached or [])
    if inner:
        files.append({0x3705: 5, 0x3701: inner_nid, 0x3707: "carried"})
    if files:
        numbers = [(n + 1) << 5 | 5 for n in range(len(files))]
        sub[0x671] = (pst.block(table([(nid, {0xE20: 1, 0x3705: 1}) for nid in numbers])), 0)
        for nid, described in zip(numbers, files, strict=True):
            below: dict[int, tuple[int, int]] = {}
            if described.get(0x3705) == 5 and inner:
                below = {inner_nid: (pst.block(properties(inner)), 0)}
            sub[nid] = (pst.block(properties(described)), pst.subnodes(below))
    return properties(values), sub


def folder(pst: Pst, nid: int, parent: int, name: str, folders: list[int], messages: list[int]) -> None:
    """A folder with the tables of what lies in it: their numbers differ in the kind of node only."""
    pst.node(nid, parent, properties({0x3001: name, 0x3602: len(messages)}))
    for kind, inside in ((0x0D, folders), (0x0E, messages), (0x0F, [])):
        pst.node(nid & ~0x1F | kind, 0, table([(one, {0xE20: 0}) for one in inside]))


def mailbox(inner: int = 0x200044) -> bytes:
    pst = Pst()
    pst.node(0x21, 0, properties({0x3001: "Mailbox", 0xFF9: bytes(16)}))
    folder(pst, 0x122, 0x122, "", [0x8022], [])
    folder(pst, 0x8022, 0x122, "Top", [0x8042], [])
    folder(pst, 0x8042, 0x8022, "ဝင်စာ", [], [0x200004, 0x200024])
    text, sub = message(
        pst,
        {0x1A: "IPM.Note", 0x37: "\x01\x05RE: မြစ်", 0x39: FILETIME_2021, 0x3008: FILETIME_2021, 0xC1A: "U Ba",
         0xC1F: "uba@example.org", 0xC1E: "SMTP", 0x42: "U Ba", 0x65: "uba@example.org", 0x1000: "ပထမ စာ",
         0x1035: "<one@example.org>", 0xE07: 1},
        [(1, "first@example.org"), (3, "hidden@example.org")],
        [{0x3705: 1, 0x3707: "ပုံ.bin", 0x3701: bytes(range(256)) * 8, 0x370E: "image/x-test"}],
        {0x1A: "IPM.Note", 0x37: "carried along", 0x1000: "inside", 0xE07: 1},
        inner,
    )  # fmt: skip
    pst.node(0x200004, 0x8042, text, sub)
    pst.node(0x200024, 0x8042, properties({0x1A: "IPM.Contact", 0x37: "Daw Mya", 0x3001: "Daw Mya", 0x3A1C: "+95 9 1"}))
    return pst.bytes()


def read(tmp_path: Path, data: bytes, limits: Limits | None = None) -> Parsed:
    (tmp_path / "blob").write_bytes(data)
    (tmp_path / "scratch").mkdir()
    return outlook.read(tmp_path / "blob", tmp_path / "scratch", limits or Limits())


def opened(found: Parsed, place: int, tmp_path: Path) -> Parsed:
    file = found.members[place].file
    assert file
    (tmp_path / str(place)).mkdir()
    return mail.read(file, tmp_path / str(place), Limits())


def test_each_message_is_a_member_below_its_folder(tmp_path: Path) -> None:
    found = read(tmp_path, mailbox())
    paths = ["Top/ဝင်စာ/2097156.eml", "Top/ဝင်စာ/2097188.eml"]
    assert [member.path.decode() for member in found.members] == paths
    assert (found.expected_members, found.problem) == (2, None)
    assert found.members[0].modified_ms == 1_609_459_200_000
    assert ("submitted utc", "2021-01-01T00:00:00Z") in found.members[0].metadata


def test_a_message_keeps_subject_correspondents_text_and_time(tmp_path: Path) -> None:
    message = opened(read(tmp_path, mailbox()), 0, tmp_path)
    said = dict(message.metadata)
    assert (said["subject"], said["date utc"], said["message-id"]) == (
        "RE: မြစ်",
        "2021-01-01T00:00:00Z",
        "<one@example.org>",
    )
    assert (said["from"], said["to"], said["bcc"]) == (
        '"U Ba" <uba@example.org>',
        '"first" <first@example.org>',
        '"hidden" <hidden@example.org>',
    )
    assert [s.text for s in message.segments] == ["RE: မြစ်", "ပထမ စာ"]


def test_a_message_is_a_record_as_that_of_a_mail_file_is(tmp_path: Path) -> None:
    (record,) = opened(read(tmp_path, mailbox()), 0, tmp_path).records
    assert (record.kind, record.sender, record.account) == ("mail", "U Ba", "uba@example.org")
    assert record.recipients == ("first <first@example.org>", "hidden <hidden@example.org>")
    assert record.time is not None
    assert (record.time.iso, record.time.utc_ms) == ("2021-01-01T00:00:00", 1_609_459_200_000)
    assert (record.id, record.mih) == ("one@example.org", mail.mih("<one@example.org>"))


def test_what_nobody_sent_is_no_mail(tmp_path: Path) -> None:
    contact = opened(read(tmp_path, mailbox()), 1, tmp_path)
    assert contact.records == ()
    assert {segment.record for segment in contact.segments} == {None}


def test_headers_as_they_came_stay_below_the_title_that_exchange_gives_them(tmp_path: Path) -> None:
    came = ("Microsoft Mail Internet Headers Version 2.0\r\nReceived: from a by b; Fri, 1 Jan 2021 06:31:00 +0630\r\n"
            "From: \"Ko Htet\" <htet@example.org>\r\nTo: mya@example.org\r\nDate: Fri, 1 Jan 2021 06:30:00 +0630\r\n"
            "In-Reply-To: <0@example.org>\r\nReferences: <a@example.org> <0@example.org>\r\n"
            "Message-ID: <1@example.org>\r\n\r\n")  # fmt: skip
    pst = Pst()
    pst.node(0x21, 0, properties({0x3001: "Mailbox", 0xFF9: bytes(16)}))
    folder(pst, 0x122, 0x122, "", [0x8022], [])
    folder(pst, 0x8022, 0x122, "Top", [], [0x200004])
    pst.node(0x200004, 0x8022, properties({0x1A: "IPM.Note", 0x39: FILETIME_2021, 0x42: "/O=X/CN=HTET", 0x7D: came}))
    message = opened(read(tmp_path, pst.bytes()), 0, tmp_path)
    (record,) = message.records
    assert (record.sender, record.recipients, record.id) == ("Ko Htet", ("mya@example.org",), "1@example.org")
    assert (record.reply_to, record.thread) == ("0@example.org", ("a@example.org", "0@example.org"))
    assert record.time is not None
    assert (record.time.written, record.time.offset_minutes) == ("Fri, 1 Jan 2021 06:30:00 +0630", 390)
    assert any(name == "header:Received" for name, _ in message.metadata)


def test_attachments_come_byte_for_byte_and_messages_as_messages(tmp_path: Path) -> None:
    message = opened(read(tmp_path, mailbox()), 0, tmp_path)
    file, inner = message.members
    assert file.file
    assert (file.path.decode(), file.file.read_bytes()) == ("ပုံ.bin", bytes(range(256)) * 8)
    assert inner.file
    assert inner.path == b"carried.eml"
    (tmp_path / "inner").mkdir()
    carried = mail.read(inner.file, tmp_path / "inner", Limits())
    assert [s.text for s in carried.segments] == ["carried along", "inside"]


def test_an_attached_message_is_never_taken_for_its_namesake(tmp_path: Path) -> None:
    found = read(tmp_path, mailbox(inner=0x200024))
    assert found.problem == "unsupported"
    carried = opened(found, 0, tmp_path).members[1].file
    assert carried
    assert "carried along".encode("utf-16-le") in carried.read_bytes()


def test_what_is_no_mail_lists_what_it_says(tmp_path: Path) -> None:
    contact = opened(read(tmp_path, mailbox()), 1, tmp_path)
    assert "Mobile phone: +95 9 1" in "\n".join(s.text for s in contact.segments)


def test_a_message_that_no_folder_names_is_found(tmp_path: Path) -> None:
    data = bytearray(mailbox())
    at = data.index(struct.pack("<Q", 0x200024), 0x4600)  # its entry in the tree of nodes
    while data[at + 24 : at + 28] != struct.pack("<I", 0x8042):
        at = data.index(struct.pack("<Q", 0x200024), at + 1)
    data[at + 24 : at + 28] = struct.pack("<I", 0x9992)
    page = at - at % 512
    data[page + 500 : page + 504] = struct.pack("<I", crc(bytes(data[page : page + 496])))
    found = read(tmp_path, bytes(data))
    assert [member.path for member in found.members][1] == b"without a folder/2097188.eml"
    assert ("messages without a folder", "1") in found.metadata


def test_more_messages_than_allowed_end_the_reading(tmp_path: Path) -> None:
    found = read(tmp_path, mailbox(), Limits(max_members=1))
    assert (len(found.members), found.problem) == (1, "limit reached")


@pytest.mark.parametrize("left", [600, 0x4700, 0x5000])
def test_a_mailbox_that_was_cut_off_says_so(tmp_path: Path, left: int) -> None:
    assert read(tmp_path, mailbox()[:left]).problem == "truncated"


def test_damage_anywhere_is_no_exception(tmp_path: Path) -> None:
    whole = mailbox()
    for at in range(0, len(whole), 97):
        folder = tmp_path / str(at)
        folder.mkdir()
        read(folder, whole[:at] + bytes(b ^ 0x5A for b in whole[at : at + 9]) + whole[at + 9 :])
