"""Receipts: counts and digests of what was received, signed; nothing else, and no other bytes pass for them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from small_holding import open_holding, receipt, receive, take_in_all, write_files

from iimm_pipelines.accessions.facts import read_toml
from iimm_pipelines.accessions.receipts import Issued, ReceiptInvalid, check, issue, same_files
from iimm_pipelines.accessions.register import RegistrationRefused, register
from iimm_pipelines.custody.lineage import events_of
from iimm_pipelines.custody.signing import Signer, Verifier
from iimm_pipelines.custody.verify import verify
from iimm_pipelines.holding import Holding

FILES: dict[str | bytes, bytes] = {"a.txt": b"a letter", "sub/\xff\n".encode("latin-1"): b"another", "copy": b"another"}


@pytest.fixture
def holding(tmp_path: Path) -> Iterator[Holding]:
    opened = open_holding(tmp_path / "data", shard_items=2)
    yield opened
    opened.close()


@pytest.fixture
def issued(holding: Holding, tmp_path: Path) -> Issued:
    receive(holding, tmp_path / "other", {"z": b"of somebody else"}, source="S-9")
    write_files(tmp_path / "in", FILES)
    (tmp_path / "in" / "link").symlink_to("a.txt")
    register(holding, tmp_path / "in", replace(receipt(), marks=("witness",), note="a note", facts=read_toml(
        '[[exhibits]]\ncarrier = "phone"\nserial = "SN 1"\nseal = "none"\ncondition = "worn"').facts))  # fmt: skip
    write_files(tmp_path / "in", {"late": b"came after the listing"})
    take_in_all(holding)
    return issue(holding, "A00002", tmp_path / "out")


def key(issued: Issued) -> Verifier:
    return Verifier.open(issued.key)


def pdf_text(path: Path) -> str:
    import pypdfium2

    with pypdfium2.PdfDocument(path) as document:
        return "\n".join(page.get_textpage().get_text_range() for page in document)


def test_every_file_stands_in_it_by_its_digest_in_text_and_pdf(issued: Issued) -> None:
    digests = sorted(hashlib.sha256(data).hexdigest() for data in FILES.values())
    assert sorted(issued.text.read_text().split("\n\n")[-1].split()) == digests
    assert all(digest in pdf_text(issued.pdf) for digest in digests)
    head = check(issued.text, key(issued))
    assert (head.files, head.not_followed, head.unread, head.bytes, head.exhibits) == (3, 1, 0, 22, "1")


def test_a_file_that_could_not_be_read_is_counted(holding: Holding, tmp_path: Path) -> None:
    register(holding, write_files(tmp_path / "in", {"a": b"a", "b": b"b"}), receipt())
    (tmp_path / "in" / "b").unlink()
    take_in_all(holding)
    head = issue(holding, "A00001", tmp_path / "out").head
    assert (head.files, head.unread) == (1, 1)
    assert head.root == holding.catalogue.accession("A00001").root


def test_nothing_else_is_revealed(issued: Issued) -> None:
    for text in (issued.text.read_text(), pdf_text(issued.pdf), issued.pdf.read_bytes().decode("latin-1")):
        for word in (
            "a.txt",
            "copy",
            "witness",
            "a note",
            "S-1",
            "phone",
            "SN 1",
            "A00001",
            "A00002-0000",
            "holding",
            "data",
        ):
            assert word not in text, word


def test_it_is_a_custody_event_that_names_its_digest(holding: Holding, issued: Issued) -> None:
    event = events_of(holding, "A00002")[-1]
    assert event.kind == "receipt issued"
    assert event.body["text"] == hashlib.sha256(issued.text.read_bytes()).hexdigest()
    assert event.body["pdf"] == hashlib.sha256(issued.pdf.read_bytes()).hexdigest()
    assert verify(holding).valid


def test_the_source_s_own_files_are_recognised(issued: Issued, tmp_path: Path) -> None:
    assert same_files(issued.head, tmp_path / "in") is False  # with the one that came after the listing
    (tmp_path / "in" / "late").unlink()
    assert same_files(issued.head, tmp_path / "in")
    (tmp_path / "in" / "a.txt").rename(tmp_path / "in" / "b.txt")
    assert not same_files(issued.head, tmp_path / "in")


def test_a_changed_byte_of_the_text_is_found_wherever_it_is(issued: Issued) -> None:
    whole = issued.text.read_bytes()
    for place in range(0, len(whole), 7):
        issued.text.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(ReceiptInvalid):
            check(issued.text, key(issued))


def test_a_list_that_was_cut_or_grew_is_found(issued: Issued) -> None:
    whole = issued.text.read_bytes()
    for changed in (whole[:-65], whole + b"0" * 64 + b"\n", whole + b"and more", whole[:-1], b"", b"\xff", whole[:300]):
        issued.text.write_bytes(changed)
        with pytest.raises(ReceiptInvalid):
            check(issued.text, key(issued))


def test_another_pdf_beside_it_is_found(issued: Issued) -> None:
    issued.pdf.write_bytes(issued.pdf.read_bytes() + b"\n")
    with pytest.raises(ReceiptInvalid, match="PDF"):
        check(issued.text, key(issued))
    issued.pdf.unlink()
    assert check(issued.text, key(issued)).files == 3


def test_another_key_did_not_sign_it(issued: Issued, tmp_path: Path) -> None:
    with pytest.raises(ReceiptInvalid):
        check(issued.text, Signer.open(tmp_path / "key").verifier)


def test_a_receipt_stands_beside_no_other_and_comes_after_intake(
    holding: Holding, issued: Issued, tmp_path: Path
) -> None:
    with pytest.raises(RegistrationRefused, match="another folder"):
        issue(holding, "A00002", tmp_path / "out")
    register(holding, write_files(tmp_path / "new", {"n": b"n"}), receipt())
    with pytest.raises(RegistrationRefused, match="iimm run"):
        issue(holding, "A00003", tmp_path / "new-out")
    assert len(events_of(holding, "A00003")) == 1
