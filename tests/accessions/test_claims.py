"""Claims: what lists say is held against what was handed over; nothing of it keeps a file out."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from small_holding import open_holding, process, receipt, take_in_all, write_files

from iimm_pipelines.accessions.claims import ClaimAccount, GivenList, claim_account
from iimm_pipelines.accessions.items import read_items
from iimm_pipelines.accessions.load_files import DELIMITER, QUOTE
from iimm_pipelines.accessions.numbers import Shard, place_of
from iimm_pipelines.accessions.register import RegistrationRefused, register
from iimm_pipelines.accessions.rows import Deviation
from iimm_pipelines.custody.lineage import events_of
from iimm_pipelines.custody.verify import verify
from iimm_pipelines.holding import Holding

SHARD = Shard("A00001-0000")
BAGS = Path(__file__).resolve().parents[2] / ".." / "shared" / "evidence-pack" / "bagit"


@pytest.fixture
def holding(tmp_path: Path) -> Iterator[Holding]:
    opened = open_holding(tmp_path / "data")
    yield opened
    opened.close()


def received(holding: Holding, folder: Path, *lists: Path) -> ClaimAccount | None:
    number = register(holding, folder, receipt(), lists=[GivenList(p) for p in lists]).number
    take_in_all(holding)
    return claim_account(holding, number)


def md5(data: bytes) -> str:
    return hashlib.md5(data).hexdigest()


def dat(*rows: tuple[str, ...]) -> bytes:
    return "".join(DELIMITER.join(QUOTE + c + QUOTE for c in row) + "\r\n" for row in rows).encode("utf-16")


def claims_of(holding: Holding, shard: Shard = SHARD) -> dict[int, list[Mapping[str, Any]]]:
    return {p: list(o.tables["claims"]) for p, o in holding.parts.read("inventory", shard, range(1000)).items()
            if "claims" in o.tables}  # fmt: skip


def test_rows_without_file_files_without_row_and_digests_that_differ_are_counted(
    holding: Holding, tmp_path: Path
) -> None:
    write_files(tmp_path / "in", {"a": b"a", "b": b"b", "c": b"c", "sub/d": b"d"})
    manifest = tmp_path / "manifest.csv"
    manifest.write_text(
        f"Path,SHA-256,MD5\na,{hashlib.sha256(b'a').hexdigest()},{md5(b'a')}\nb,,{md5(b'x')}\n"
        f"gone,,{md5(b'g')}\nSUB\\D,what,{md5(b'd')}\n"
    )
    account = received(holding, tmp_path / "in", manifest)
    assert account == ClaimAccount(
        4, {Deviation.NO_FILE: 1, Deviation.NO_ROW: 1, Deviation.DIGEST: 2}, agree=3, unchecked=0, bag=False
    )
    events = events_of(holding, "A00001")
    assert events[0].body["claims"]["deviations"] == {"row without file": 1, "file without row": 1}
    assert events[0].body["claims"]["lists"] == [
        {"format": "CSV", "sha256": hashlib.sha256(manifest.read_bytes()).hexdigest()}
    ]
    assert events[1].body["claims"]["deviations"]["digest differs"] == 2
    assert "gone" not in json.dumps([e.body for e in events])
    process(holding)
    assert verify(holding).valid


def test_a_list_beside_the_delivery_is_kept_and_one_inside_is_received(holding: Holding, tmp_path: Path) -> None:
    write_files(tmp_path / "in", {"a": b"a", "list.csv": b"path\na\n"})
    account = received(holding, tmp_path / "in", tmp_path / "in" / "list.csv")
    assert account is not None
    assert account.holds
    assert claims_of(holding)[1][0]["role"] == "list"
    write_files(tmp_path / "other", {"b": b"b"})
    (tmp_path / "list.csv").write_bytes(b"path\nb\n")
    received(holding, tmp_path / "other", tmp_path / "list.csv")
    holding.vault.check(hashlib.sha256(b"path\nb\n").digest())


def test_a_digest_of_another_algorithm_is_taken_too_and_one_that_nobody_knows_is_unchecked(
    holding: Holding, tmp_path: Path
) -> None:
    write_files(tmp_path / "in", {"a": b"a", "b": b"b"})
    (tmp_path / "m.csv").write_text(f"path,hash\na,{hashlib.sha512(b'a').hexdigest()}\nb,crc 7\n")
    account = received(holding, tmp_path / "in", tmp_path / "m.csv")
    assert account is not None
    assert (account.agree, account.unchecked, account.deviations) == (1, 1, {})


LOAD = {
    "DATA/load.dat": dat(
        ("DOCID", "BEGATTACH", "MD5", "NATIVELINK", "TEXTPATH", "CUSTODY", "Author"),
        ("M1", "M1", md5(b"mail"), "VOL1\\N\\m1.eml", "VOL1\\T\\m1.txt", "seized by X", "Y"),
        ("M2", "M1", md5(b"paper"), "VOL1\\n\\M2.pdf", "", "", ""),
        ("M3", "M3", "", "VOL1\\N\\gone.doc", "VOL1\\T\\m3.txt", "", ""),
    ),
    "DATA/load.opt": b"M2,V,VOL1\\I\\m2.tif,Y,,,2\r\nM2.1,V,VOL1\\I\\m2b.tif,,,,\r\n",
    "I/m2.tif": b"page one", "I/m2b.tif": b"page two", "N/m1.eml": b"mail", "N/m2.pdf": b"paper",
    "T/m1.txt": b"text of mail", "T/m3.txt": b"text of three", "A/unnamed": b"?",
}  # fmt: skip


def load(holding: Holding, tmp_path: Path) -> ClaimAccount | None:
    folder = write_files(tmp_path / "in", LOAD)
    return received(holding, folder, folder / "DATA" / "load.dat", folder / "DATA" / "load.opt")


def test_a_load_file_s_families_are_numbered_together(holding: Holding, tmp_path: Path) -> None:
    account = load(holding, tmp_path)
    items = {i.path.decode(): i for i in read_items(holding.parts, SHARD)}
    assert [i.path for i in sorted(items.values(), key=lambda i: i.place)] == [
        b"N/m1.eml", b"T/m1.txt", b"N/m2.pdf", b"I/m2.tif", b"I/m2b.tif", b"T/m3.txt",
        b"A/unnamed", b"DATA/load.dat", b"DATA/load.opt",
    ]  # fmt: skip
    said = {n: (i.relation, i.parent and place_of(i.parent), place_of(i.family)) for n, i in items.items()}
    assert said["N/m1.eml"] == ("received", None, 0)
    assert said["T/m1.txt"] == ("rendition", 0, 0)
    assert said["N/m2.pdf"] == ("attachment", 0, 0)
    assert said["I/m2b.tif"] == ("rendition", 2, 0)
    assert said["T/m3.txt"] == ("received", None, 5)
    assert said["A/unnamed"] == ("received", None, 6)
    assert account is not None
    assert (account.rows, account.agree) == (5, 2)
    assert account.deviations == {Deviation.NO_FILE: 1, Deviation.NO_ROW: 1}
    process(holding)
    assert verify(holding).valid


def test_a_load_file_s_numbers_fields_and_custody_stand_with_the_document(holding: Holding, tmp_path: Path) -> None:
    load(holding, tmp_path)
    (mail,) = claims_of(holding)[0]
    assert (mail["number"], mail["custody"], mail["role"]) == ("M1", "seized by X", "file")
    assert mail["fields"] == [{"name": "Author", "value": "Y"}]
    assert [c["role"] for p in (1, 3, 4, 5) for c in claims_of(holding)[p]] == [
        "extracted text", "page", "page", "extracted text"]  # fmt: skip
    assert claims_of(holding)[5][0]["number"] == "M3"


def test_a_family_is_not_cut_between_shards_unless_it_is_larger(tmp_path: Path) -> None:
    holding = open_holding(tmp_path / "data", shard_items=3)
    rows = [("DOCID", "PARENTID", "PATH"), *((f"{i}", f"{i - i % 2}", f"{i}") for i in range(4)),
            *((f"{i}", "4", f"{i}") for i in range(4, 9))]  # fmt: skip
    folder = write_files(tmp_path / "in", {f"{i}": bytes([i]) for i in range(9)})
    (tmp_path / "l.dat").write_bytes(dat(*rows))
    received(holding, folder, tmp_path / "l.dat")
    assert [s.received for s in holding.catalogue.shards()] == [2, 3, 3, 1]
    families = [[place_of(i.family) for i in read_items(holding.parts, s.number)] for s in holding.catalogue.shards()]
    assert families == [[0, 0], [0, 0, 2], [0, 1, 2], [0]]


@pytest.mark.parametrize("parents", [("1", "0"), ("0", "0"), ("2", "9")])
def test_families_that_turn_in_a_circle_or_lead_nowhere_come_to_an_end(
    holding: Holding, tmp_path: Path, parents: tuple[str, str]
) -> None:
    write_files(tmp_path / "in", {"0": b"0", "1": b"1"})
    (tmp_path / "l.dat").write_bytes(dat(("DOCID", "PARENTID", "PATH"), ("0", parents[0], "0"), ("1", parents[1], "1")))
    account = received(holding, tmp_path / "in", tmp_path / "l.dat")
    assert account is not None
    assert account.holds
    assert len(read_items(holding.parts, SHARD)) == 2


def test_a_copy_of_its_parent_by_a_load_file_is_read_like_any_other(holding: Holding, tmp_path: Path) -> None:
    write_files(tmp_path / "in", {"0": b"same", "1": b"same"})
    (tmp_path / "l.dat").write_bytes(dat(("DOCID", "PARENTID", "PATH"), ("0", "", "0"), ("1", "0", "1")))
    received(holding, tmp_path / "in", tmp_path / "l.dat")
    process(holding)
    outcomes = holding.parts.read("contents", SHARD, range(2))
    assert {o.reason for o in outcomes.values()} == {None}


@pytest.mark.parametrize("written", [
    "VOL1\\N\\a.txt", "N/a.txt", "\\\\server\\share\\vol1\\n\\A.TXT", "D:\\VOL1\\N\\a.txt", ".\\N\\a.txt"])  # fmt: skip
@pytest.mark.parametrize("where", ["in/VOL1/DATA/list.csv", "beside.csv"])
def test_paths_are_found_from_whichever_folder_they_are_written(
    holding: Holding, tmp_path: Path, written: str, where: str
) -> None:
    write_files(tmp_path, {"in/VOL1/N/a.txt": b"a", "in/VOL1/a.txt": b"another", where: f"path\n{written}\n".encode()})
    received(holding, tmp_path / "in", tmp_path / where)
    named = [i for i, c in claims_of(holding).items() if c[0]["role"] == "file"]
    assert [read_items(holding.parts, SHARD)[i].path for i in named] == [b"VOL1/N/a.txt"]


@pytest.mark.parametrize("path", ["../secret", "/etc/passwd", "C:\\secret", "x/../../secret"])
def test_no_path_of_a_list_leads_out_of_the_delivery(holding: Holding, tmp_path: Path, path: str) -> None:
    write_files(tmp_path, {"in/a": b"a", "secret": b"secret"})
    (tmp_path / "m.csv").write_text(f"path\n{path}\na\n")
    account = received(holding, tmp_path / "in", tmp_path / "m.csv")
    assert account is not None
    assert sum(account.deviations.values()) == 1
    assert [i.path for i in read_items(holding.parts, SHARD)] == [b"a"]


@pytest.mark.parametrize("name", ["gone.csv", "in"])
def test_a_list_that_cannot_be_read_is_refused_and_nothing_is_left(holding: Holding, tmp_path: Path, name: str) -> None:
    write_files(tmp_path / "in", {"a": b"a"})
    with pytest.raises(RegistrationRefused):
        received(holding, tmp_path / "in", tmp_path / name)
    assert holding.catalogue.accessions() == []
    assert list((tmp_path / "data").glob("listings/*")) == []


def bag(folder: Path, files: Mapping[str, bytes], *algorithms: str, version: str = "1.0") -> Path:
    write_files(folder, {f"data/{n}": d for n, d in files.items()})
    (folder / "bagit.txt").write_text(f"BagIt-Version: {version}\nTag-File-Character-Encoding: UTF-8\n")
    for algorithm in algorithms:
        lines = [f"{hashlib.new(algorithm, d).hexdigest()}  data/{n}\n" for n, d in files.items()]
        (folder / f"manifest-{algorithm}.txt").write_text("".join(lines))
    return folder


def test_a_bag_is_known_without_being_named_and_holds(holding: Holding, tmp_path: Path) -> None:
    account = received(holding, bag(tmp_path / "bag", {"a": b"a", "b": b"b"}, "sha512", "md5"))
    assert account == ClaimAccount(4, {}, agree=4, unchecked=0, bag=True)
    assert events_of(holding, "A00001")[-1].body["claims"]["bag_holds"] is True


def test_a_bag_that_does_not_hold_is_taken_in_and_each_deviation_is_counted(holding: Holding, tmp_path: Path) -> None:
    folder = bag(tmp_path / "bag", {"a": b"a", "b": b"b", "c": b"c"}, "sha256", "sha512")
    manifest = folder / "manifest-sha512.txt"
    manifest.write_text("".join(manifest.read_text().splitlines(keepends=True)[:2]) + "no line\n")
    (folder / "data" / "a").write_bytes(b"altered")
    (folder / "data" / "b").unlink()
    (folder / "data" / "extra").write_bytes(b"extra")
    (folder / "bag-info.txt").write_text("Payload-Oxum: 3.3\n")
    (folder / "fetch.txt").write_text("http://example.org/d 1 data/d\nhttp://example.org/e 1 ../../e\n")
    account = received(holding, folder)
    assert account is not None
    assert account.deviations == {
        Deviation.NO_FILE: 2, Deviation.NO_ROW: 1, Deviation.DIGEST: 2, Deviation.UNREADABLE: 1, Deviation.OUTSIDE: 1,
        Deviation.NOT_FETCHED: 1, Deviation.NOT_IN_EVERY_MANIFEST: 1, Deviation.OXUM: 1,
    }  # fmt: skip
    assert holding.catalogue.accession("A00001").state == "sealed"
    assert len(holding.parts.frame("inventory", "received", SHARD).drop_nulls("sha256")) == 8


SUITE = sorted(p.parent.relative_to(BAGS / "files") for p in BAGS.glob("files/v*/*/*/data")) if BAGS.exists() else []


@pytest.mark.skipif(not SUITE, reason="the conformance suite of BagIt is not at ../shared/evidence-pack/bagit")
def test_the_conformance_suite_of_bagit_is_answered_as_it_says(tmp_path: Path) -> None:
    """One holding for all. Two bags of `warning` name a file that is not there on a system that minds case."""
    holding = open_holding(tmp_path / "data")
    holds = {}
    for nth, where in enumerate(SUITE):
        shutil.copytree(BAGS / "files" / where, tmp_path / f"{nth}")
        number = register(holding, tmp_path / f"{nth}", receipt(f"S-{nth}")).number
        holds[str(where)] = number
    take_in_all(holding)
    found = {w: a is not None and a.holds for w, n in holds.items() for a in [claim_account(holding, n)]}
    passing = ("valid/", "warning/")
    not_here = {"v0.97/warning/duplicate-file-with-different-case", "v0.97/warning/special-system-files"}
    assert {w for w, ok in found.items() if ok} == {
        w for w in found if w.split("/", 1)[1].startswith(passing)
    } - not_here
    holding.close()
