"""Messages and mailboxes."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from iimm_pipelines.formats import mail
from iimm_pipelines.formats.parsed import Limits, Parsed, Relation

INNER = b"From: c@example.org\r\nSubject: inner\r\n\r\nbody  \r\n"
MESSAGE = (
    b"From: =?utf-8?b?4YCh?= <a@example.org>\r\nTo: b@example.org\r\nSubject: =?utf-8?q?r=C3=A9sum=C3=A9?=\r\n two\r\n"
    b"Date: Tue, 2 Jan 2024 03:04:05 +0630\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
    b"--x\r\nContent-Type: multipart/alternative; boundary=y\r\n\r\n"
    b"--y\r\nContent-Type: text/plain; charset=no-such\r\n\r\nplain words\r\n"
    b"--y\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>other words <img src='cid:logo@x'></p>\r\n--y--\r\n"
    b"--x\r\nContent-Type: image/png\r\nContent-ID: <logo@x>\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw==\r\n"
    b"--x\r\nContent-Type: message/rfc822\r\n\r\n" + INNER + b"\r\n"
    b"--x\r\nContent-Type: text/plain; name*=utf-8''%E1%80%A1.txt\r\nContent-Disposition: attachment\r\n\r\nkept\r\n--x--\r\n"
)


def read(tmp_path: Path, data: bytes) -> Parsed:
    blob, scratch = tmp_path / "blob", tmp_path / "scratch"
    blob.write_bytes(data)
    scratch.mkdir()
    return mail.read(blob, scratch, Limits())


def test_headers_stand_as_written_and_as_meant(tmp_path: Path) -> None:
    found = dict(read(tmp_path, MESSAGE).metadata)
    assert found["header:From"] == "=?utf-8?b?4YCh?= <a@example.org>"
    assert (found["from"], found["subject"]) == ("အ <a@example.org>", "résumé two")
    assert found["date utc"] == "2024-01-01T20:34:05Z"


def test_both_bodies_are_read(tmp_path: Path) -> None:
    found = read(tmp_path, MESSAGE).segments
    assert [(segment.field, segment.text) for segment in found] == [
        ("subject", "résumé two"),
        ("body", "plain words"),
        ("body", "other words"),
    ]


def test_attachments_keep_their_bytes_and_relation(tmp_path: Path) -> None:
    members = read(tmp_path, MESSAGE).members
    assert [(member.path, member.relation) for member in members] == [
        (b"part-001", Relation.INLINE),
        (b"part-002.eml", Relation.ATTACHMENT),
        ("အ.txt".encode(), Relation.ATTACHMENT),
    ]
    assert [member.file.read_bytes() for member in members if member.file] == [b"\x89PNG", INNER, b"kept"]


def test_headers_that_are_not_ascii_and_broken_ones_raise_nothing(tmp_path: Path) -> None:
    data = b"Subject: \xff\xfe =?bad?q?=ZZ?= C:\\users\r\nDate: 99 Foo\r\nContent-Type: text/plain; charset*=x'%%\r\n\r\n\xff"
    found = read(tmp_path, data)
    assert found.segments
    assert "subject" in dict(found.metadata)


def test_headers_with_a_blank_before_the_colon_are_flagged(tmp_path: Path) -> None:
    found = dict(read(tmp_path, b"From: a@example.org\r\nTo : b@example.org\r\nSubject : x\r\n\r\ntext\r\n").metadata)
    assert found["headers incomplete"] == "true"


def test_thousands_of_multiparts_inside_each_other_end_at_a_limit(tmp_path: Path) -> None:
    parts = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (i, i) for i in range(3000))
    assert read(tmp_path, b"From: a@example.org\n" + parts).problem == "limit reached"


def test_a_mailbox_gives_its_messages_without_the_separators(tmp_path: Path) -> None:
    line = b"From a@example.org Tue Jan  2 03:04:05 2024\n"
    first, second = b"Subject: one\n\nFrom here on, 10 lines.\n", b"Subject: two\n\nbody\n"
    (tmp_path / "blob").write_bytes(line + first + b"\n" + line + second)
    found = mail.read_mbox(tmp_path / "blob", tmp_path, Limits())
    assert [member.file.read_bytes() for member in found.members if member.file] == [first, second]


THREAD = (
    b'From: =?utf-8?b?4YCh4YCx4YCs4YCE4YC6?= <aung@example.org>\r\nTo: "Mya, Daw" <mya@example.org>, x@example.org\r\n'
    b"Cc: x@example.org\r\nBcc: hidden@example.org\r\nDate: Tue, 2 Jan 2024 03:04:05 +0630\r\nMessage-ID: <3@example.org>\r\n"
    b"In-Reply-To: <2@example.org>\r\nReferences: <1@example.org>\r\n <2@example.org>\r\nSubject: s\r\n\r\nbody\r\n"
)


def test_a_mail_is_a_record_with_its_people_and_its_thread(tmp_path: Path) -> None:
    found = read(tmp_path, THREAD)
    (record,) = found.records
    assert (record.sender, record.account) == ("အောင်", "aung@example.org")
    assert record.recipients == ("Mya, Daw <mya@example.org>", "x@example.org", "hidden@example.org")
    assert (record.id, record.reply_to, record.thread) == (
        "3@example.org",
        "2@example.org",
        ("1@example.org", "2@example.org"),
    )
    assert record.time is not None
    assert (record.time.written, record.time.offset_minutes) == ("Tue, 2 Jan 2024 03:04:05 +0630", 390)
    assert {segment.record for segment in found.segments} == {0}


def test_the_message_identification_hash_is_md5_of_the_id_without_and_with_brackets(tmp_path: Path) -> None:
    (record,) = read(tmp_path, THREAD).records
    assert record.mih == hashlib.md5(b"3@example.org").hexdigest()
    assert record.mih_in_brackets == hashlib.md5(b"<3@example.org>").hexdigest()
    assert mail.mih(" <3@example.org> (comment) <4@example.org>") == record.mih
    assert mail.mih("<3@example.\r\n org >") == record.mih
    assert mail.mih("") is None


def test_recipients_that_break_the_rules_stay_as_they_stand(tmp_path: Path) -> None:
    (record,) = read(tmp_path, b"From: a@example.org\r\nTo: a b c @@ <<x, ; undisclosed\r\nSubject: s\r\n\r\nx").records
    assert any("undisclosed" in name for name in record.recipients)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, len(THREAD) - 1), st.integers(0, 12), st.binary(max_size=12))
def test_damaged_headers_raise_nothing(at: int, gone: int, noise: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        assert read(Path(folder), THREAD[:at] + noise + THREAD[at + gone :]).kind == "message"


def test_a_mailbox_counts_what_may_be_messages_and_is_none(tmp_path: Path) -> None:
    one = b"From a@example.org Mon Feb  1 03:04:05 2021\nFrom: a\nSubject: one\n\n>From the river\ntext\n"
    doubtful = b"From b@example.org Mon Feb  1 03:04:06 2021\nmore\n\n"
    (tmp_path / "blob").write_bytes(b"torn\n" + one + doubtful + one)
    found = mail.read_mbox(tmp_path / "blob", tmp_path, Limits())
    assert (len(found.members), found.expected_members) == (2, 3)
    assert found.metadata == (("bytes before the first message", "5"), ("quoted From lines", "2"))
    assert found.members[0].file
    assert found.members[0].file.read_bytes().endswith(doubtful.rstrip(b"\n") + b"\n")
