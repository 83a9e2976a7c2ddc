"""The sample as a whole: the same bytes each time, of the promised size, shared between the accessions as promised."""

import hashlib
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from iimm_pipelines.sample.files import BytesFrom, SampleError
from iimm_pipelines.sample.make import digest_table, make_sample, sample_accessions
from iimm_pipelines.sample.pictures import FONT

TABLE = Path(__file__).with_name("digests.txt")
# fonts-sil-padauk 5.000-3 of Debian 12: with another release the scans look, and hash, a little differently.
PADAUK = "e46766091717d7352ba96d78b711e2d749fb9cdc2828e724a8174b8f22f7a3f9"


def snapshot(folder: Path) -> dict[bytes, tuple[bytes, int]]:
    return {
        os.fsencode(path.relative_to(folder)): (
            path.read_bytes(),
            path.stat().st_mtime_ns if "accession-1/" in str(path) else 0,
        )
        for path in folder.rglob("*")
        if path.is_file()
    }


def lines_of(table: str) -> dict[str, str]:
    same_here = {BytesFrom.CODE}
    if hashlib.sha256(FONT.read_bytes()).hexdigest() == PADAUK:
        same_here.add(BytesFrom.FONT)
    rows = [line.split(" ") for line in table.splitlines()]
    return {path: digest for digest, bytes_from, path in rows if bytes_from in same_here}


def test_the_digests_are_those_of_the_table() -> None:
    assert lines_of(digest_table(sample_accessions())) == lines_of(TABLE.read_text(encoding="ascii"))


def test_the_table_lists_every_file() -> None:
    listed = [line.split(" ")[2] for line in TABLE.read_text(encoding="ascii").splitlines()]
    assert listed == [line.split(" ")[2] for line in digest_table(sample_accessions()).splitlines()]


def test_a_second_process_writes_the_same_bytes_and_times(sample: Path, tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from iimm_pipelines.sample.make import make_sample;"
        "make_sample(Path(sys.argv[1]))"
    )
    here = Path(__file__).resolve().parents[2]
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=True, cwd=here)
    assert snapshot(tmp_path) == snapshot(sample)


def test_it_can_be_written_again_over_itself(tmp_path: Path) -> None:
    make_sample(tmp_path)
    before = snapshot(tmp_path)
    make_sample(tmp_path)
    assert snapshot(tmp_path) == before


def test_there_are_60_to_100_received_files(sample: Path) -> None:
    summary = make_sample(sample)
    assert 60 <= summary.files <= 100
    assert summary.files == sum(path.is_file() for path in sample.glob("accession-*/**/*"))


def test_a_folder_with_other_files_is_refused_without_naming_them(tmp_path: Path) -> None:
    (tmp_path / "accession-1").mkdir()
    (tmp_path / "accession-1" / "private.txt").touch()
    with pytest.raises(SampleError, match="holds 1 other files") as caught:
        make_sample(tmp_path)
    assert "private" not in str(caught.value)


def test_a_file_system_that_refuses_a_name_is_named_as_the_cause(tmp_path: Path) -> None:
    # The real refusal of a real file system: a folder so deep that the longest path no longer fits.
    deep = tmp_path.joinpath(*["d" * 200] * 19)
    deep.mkdir(parents=True)
    with pytest.raises(SampleError, match="file system refuses"):
        make_sample(deep)


def test_the_accessions_share_files_under_other_names() -> None:
    first, second = (
        {hashlib.sha256(file.content).digest(): file.path for file in a.files} for a in sample_accessions()
    )
    shared = {digest for digest in first.keys() & second.keys() if digest != hashlib.sha256(b"").digest()}
    assert len(shared) == 7
    assert all(first[digest] != second[digest] for digest in shared)


def test_one_accession_holds_exact_duplicates() -> None:
    first, _ = sample_accessions()
    digests = [hashlib.sha256(file.content).digest() for file in first.files]
    assert len(digests) - len(set(digests)) == 3


def test_only_the_lead_holds_all_marks_of_the_second(sample: Path) -> None:
    marks = [tomllib.loads((sample / f"accession-{n}.toml").read_text(encoding="utf-8"))["marks"] for n in (1, 2)]
    assert marks == [["restricted"], ["restricted", "compartment-witness"]]


def test_names_are_burmese_two_lined_not_utf8_and_as_long_as_can_be(sample: Path) -> None:
    names = [os.fsencode(path.name) for path in sample.glob("accession-1/**/*")]
    assert b"two\nlines.txt" in names
    assert b"caf\xe9.txt" in names
    assert max(map(len, names)) == 255
    assert any(name.startswith("ရွာလူထု".encode()) for name in names)
