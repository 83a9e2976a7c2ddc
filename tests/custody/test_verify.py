"""Verification names what was changed, and is never ended by it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import stages_for_tests as small
from small_holding import open_holding, process, receive, take_in_all

from iimm_pipelines.accessions.register import change_marks
from iimm_pipelines.custody.verify import Verdict, verify
from iimm_pipelines.engine.stage import Ingredient
from iimm_pipelines.holding import Holding
from iimm_pipelines.people.access_log import AccessEvent, What
from iimm_pipelines.recovery.backup import back_up
from iimm_pipelines.storage.parts import PartDamaged

CHANGED = replace(small.SHOUT, ingredients={**small.SHOUT.ingredients, "short": Ingredient(version=2)})


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A holding with two accessions, a container, changed marks, and a part that was superseded."""
    top = tmp_path_factory.mktemp("verify")
    holding = open_holding(top / "data")
    box = small.pack(("x", b"in a box"), ("y", small.pack(("z", b"deep"))))
    receive(holding, top / "one", {"a.txt": b"a letter", "box": box, "empty": b""})
    process(holding)
    process(holding, [small.UNPACK, CHANGED])
    change_marks(holding, "A00001", ["restricted", "witness"])
    receive(holding, top / "two", {"b.txt": b"a letter"}, source="S-2")
    process(holding, [small.UNPACK, CHANGED])
    holding.close()
    return top / "data"


@pytest.fixture
def data(original: Path, tmp_path: Path) -> Path:
    """A copy to be harmed."""
    return Path(shutil.copytree(original, tmp_path / "data"))


def opened(data: Path) -> Holding:
    return open_holding(data)


def faults(data: Path, checkpoint: Path | None = None) -> list[tuple[str, str]]:
    holding = opened(data)
    return [(f.kind, f.where) for f in verify(holding, checkpoint=checkpoint).faults]


def change(path: Path, place: int | None = None) -> None:
    """Change one byte, in the middle where no place is given."""
    found = bytearray(path.read_bytes())
    found[len(found) // 2 if place is None else place] ^= 1
    path.chmod(0o600)
    path.write_bytes(found)


def only(found: Iterator[Path]) -> Path:
    return sorted(found)[0]


def part(data: Path, stage: str = "contents") -> Path:
    """The largest of a stage's parts: of contents, the one with the container."""
    return max((data / "parts" / stage / "A00001-0000").glob("*.parquet"), key=lambda p: p.stat().st_size)


def attestation(data: Path) -> Path:
    return only((data / "parts" / "contents" / "A00001-0000").glob("*.dsse.json"))


def event(data: Path) -> Path:
    return only((data / "custody" / "events").iterdir())


def tile(data: Path) -> Path:
    return only(p for p in (data / "custody" / "log" / "tile").rglob("*") if p.is_file())


def stored(data: Path) -> Path:
    return only(p for p in (data / "vault" / "objects").rglob("*") if p.is_file())


def checkpoint(data: Path) -> Path:
    return data / "custody" / "log" / "checkpoint"


def listing(data: Path) -> Path:
    return data / "listings" / "A00001.parquet"


def test_an_untouched_holding_is_valid_and_counts_what_it_checked(data: Path) -> None:
    verdict: Verdict = verify(opened(data))
    assert verdict.faults == []
    assert verdict.checked["orphans"] == 0
    assert verdict.checked["objects"] == 7
    assert verdict.size == verdict.checked["log entries"] > 10


@pytest.mark.parametrize(
    ("victim", "kind"),
    [(part, "part"), (attestation, "attestation"), (event, "event"), (tile, "log"), (checkpoint, "log"),
     (stored, "object"), (listing, "listing")],
    ids=lambda x: x if isinstance(x, str) else x.__name__,
)  # fmt: skip
@pytest.mark.parametrize("harm", [change, Path.unlink], ids=["changed", "deleted"])
def test_a_changed_or_deleted_file_is_named(
    data: Path, victim: Callable[[Path], Path], kind: str, harm: Callable[[Path], None]
) -> None:
    harm(victim(data))
    found = {k for k, _ in faults(data)}
    if harm is Path.unlink and kind == "event":
        kind = "attestation"  # the log still names it
    assert kind in found


def test_a_changed_part_is_named_by_stage_and_shard(data: Path) -> None:
    group = pq.ParquetFile(part(data)).metadata.row_group(0)
    (leaves,) = [group.column(i) for i in range(group.num_columns) if group.column(i).path_in_schema == "leaf"]
    start = leaves.dictionary_page_offset if leaves.has_dictionary_page else leaves.data_page_offset
    change(part(data), start + leaves.total_compressed_size - 1)
    (found,) = {(k, w[:20]) for k, w in faults(data) if k == "part"}
    assert found == ("part", "contents A00001-0000")


def test_any_changed_byte_of_a_part_is_named_or_changes_nothing_that_is_read(data: Path) -> None:
    path = part(data)
    holding = opened(data)
    key = path.stem
    good, whole = path.read_bytes(), holding.part_files.arrow("contents", "A00001-0000", key)
    silent = 0
    for place in range(0, len(good), max(1, len(good) // 100)):
        change(path, place)
        if verify(holding, objects=False).valid:
            assert holding.part_files.arrow("contents", "A00001-0000", key).equals(whole)
            silent += 1
        path.write_bytes(good)
    assert silent == 0


def test_a_part_that_is_cut_short_is_damaged(data: Path) -> None:
    path = part(data)
    os.truncate(path, path.stat().st_size // 2)
    with pytest.raises(PartDamaged):
        opened(data).part_files.arrow("contents", "A00001-0000", path.stem)
    assert "part" in {k for k, _ in faults(data)}


def _other(column: pa.ChunkedArray, values: list[object]) -> list[object]:
    first = next(i for i, v in enumerate(values) if v)
    value = values[first]
    if isinstance(value, bytes):
        values[first] = bytes([value[0] ^ 1]) + value[1:]
    elif isinstance(value, str):
        values[first] = value[:-1] + chr(ord(value[-1]) ^ 1)
    elif isinstance(value, int):
        values[first] = value + 1
    elif isinstance(value, list):
        values[first] = value[:-1]
    return values


@pytest.mark.parametrize("name", ["item", "place", "kind", "recipe", "content", "inputs", "numbers", "salt",
                                  "leaf", "document", "members", "segments"])  # fmt: skip
def test_a_forged_column_is_named(data: Path, name: str) -> None:
    table = pq.read_table(part(data))
    at = table.column_names.index(name)
    forged = pa.array(_other(table[name], table[name].to_pylist()), table.schema.field(name).type)
    pq.write_table(table.set_column(at, table.schema.field(name), forged), part(data), write_page_checksum=True)
    assert "part" in {k for k, _ in faults(data)}


def test_an_outcome_taken_out_is_named(data: Path) -> None:
    table = pq.read_table(part(data))
    pq.write_table(table.slice(1), part(data), write_page_checksum=True)
    assert "part" in {k for k, _ in faults(data)}


def test_a_part_put_in_the_place_of_another_is_named(data: Path) -> None:
    one, two = sorted((data / "parts" / "languages" / "A00001-0000").glob("*.parquet"))[:2]
    shutil.copy(one, two)
    assert "part" in {k for k, _ in faults(data)}


def test_a_whole_shard_that_is_gone_is_named(data: Path) -> None:
    shutil.rmtree(data / "parts" / "contents" / "A00001-0000")
    assert {"attestation", "lineage"} <= {k for k, _ in faults(data)}


def test_a_log_that_is_gone_is_named(data: Path) -> None:
    shutil.rmtree(data / "custody" / "log")
    assert ("log", "custody/log") in faults(data)


def test_a_log_signed_by_another_key_is_named(data: Path, tmp_path: Path) -> None:
    other = open_holding(tmp_path / "other")
    receive(other, tmp_path / "in", {"x": b"x"})
    shutil.rmtree(data / "custody" / "log")
    shutil.copytree(tmp_path / "other" / "custody" / "log", data / "custody" / "log")
    assert "log" in {k for k, _ in faults(data)}


def test_a_rollback_is_named_from_a_checkpoint_kept_elsewhere(data: Path, tmp_path: Path) -> None:
    yesterday = shutil.copytree(data, tmp_path / "yesterday")
    holding = opened(data)
    change_marks(holding, "A00002", ["restricted", "more"])
    kept = Path(shutil.copy(checkpoint(data), tmp_path / "kept"))
    assert faults(data, kept) == []
    assert faults(yesterday) == []
    assert [k for k, _ in faults(yesterday, kept)] == ["rollback"]


def test_a_holding_made_anew_from_yesterday_is_named_as_a_fork(data: Path, tmp_path: Path) -> None:
    yesterday = shutil.copytree(data, tmp_path / "yesterday")
    change_marks(opened(data), "A00002", ["restricted", "more"])
    kept = Path(shutil.copy(checkpoint(data), tmp_path / "kept"))
    other = opened(yesterday)
    change_marks(other, "A00002", ["another"])
    change_marks(other, "A00002", ["third"])
    assert [k for k, _ in faults(yesterday, kept)] == ["rollback"]


def test_a_kept_checkpoint_that_is_none_is_named(data: Path, tmp_path: Path) -> None:
    for text in (b"", b"\xff\xfe", b"iimm/x\n5\nAAAA\n"):
        (tmp_path / "kept").write_bytes(text)
        assert "log" in {k for k, _ in faults(data, tmp_path / "kept")}


def test_what_was_signed_and_never_committed_is_counted_and_no_fault(data: Path) -> None:
    holding = opened(data)
    holding.record.event("marks changed", "A00001", {"before": [], "after": ["x"]})  # its transaction never came
    verdict = verify(holding)
    assert verdict.faults == []
    assert verdict.checked["orphans"] == 1


def test_names_of_files_are_in_no_fault(data: Path) -> None:
    for victim in (part, attestation, event, stored, listing):
        change(victim(data))
    said = " ".join(f"{f.where} {f.what}" for f in verify(opened(data)).faults)
    assert "a.txt" not in said
    assert "letter" not in said


def test_a_damaged_holding_is_not_worked_on_in_silence(data: Path) -> None:
    group = pq.ParquetFile(part(data)).metadata.row_group(0)
    (leaves,) = [group.column(i) for i in range(group.num_columns) if group.column(i).path_in_schema == "leaf"]
    start = leaves.dictionary_page_offset if leaves.has_dictionary_page else leaves.data_page_offset
    change(part(data), start + leaves.total_compressed_size - 1)
    with pytest.raises(PartDamaged):
        process(opened(data))


def test_taking_in_again_changes_nothing(data: Path) -> None:
    holding = opened(data)
    before = verify(holding).size
    take_in_all(holding)
    assert verify(holding).size == before


def test_a_log_of_access_that_was_changed_is_named_by_file_and_line(data: Path) -> None:
    log = opened(data).access_log
    for number in range(3):
        log.add(AccessEvent("ana", What.OPENED, f"A00001-0000-0000{number}"))
    holding = opened(data)
    assert (faults(data), verify(holding).checked["lines of the log of access"]) == ([], 3)
    [file] = log.folder.glob("*.jsonl")
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(lines[0] + lines[2])
    assert faults(data) == [("log of access", f"access-log/{file.name}, line 2")]


def test_a_log_of_access_that_was_written_anew_is_named_by_what_a_backup_noted(data: Path, tmp_path: Path) -> None:
    holding = opened(data)
    holding.access_log.add(AccessEvent("ana", What.OPENED, "A00001-0000-00000"))
    back_up(holding, tmp_path / "backup")
    holding.close()
    shutil.rmtree(data / "access-log")
    opened(data).access_log.add(AccessEvent("bo", What.OPENED, "A00001-0000-00000"))
    assert [kind for kind, _ in faults(data)] == ["log of access"]
