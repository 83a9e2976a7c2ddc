"""Some hundred damaged files; twenty thousand: `make drill-mutations`."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from mutations import JAVA_BYTES, TOOLS_BYTES, mutated, put_through, write_mutated
from through import PACK, open_holding, pack_files
from watch import Watch

needs_pack = pytest.mark.skipif(not PACK.exists(), reason="the evidence pack is not beside this checkout")


@needs_pack
def test_damaged_files_fail_only_themselves(tmp_path: Path) -> None:
    write_mutated(tmp_path / "files", pack_files(), 250, seed=7)
    with closing(open_holding(tmp_path / "data")) as holding, Watch(holding.settings.scratch) as watch:
        *_, found = put_through(holding, tmp_path / "files", ("contents", "languages"), "S-1")
    assert found.wrong() == []
    assert found.files == 250
    assert sum(n for what, n in found.outcomes.items() if what.startswith("contents")) == found.items
    assert watch.left == []
    assert watch.peaks["java"] < JAVA_BYTES
    assert max(watch.peaks.values()) < holding.settings.worker_memory + TOOLS_BYTES


@needs_pack
def test_a_damaged_file_is_the_same_again_under_its_seed() -> None:
    originals = pack_files()
    assert [mutated(originals, n, 7) for n in range(20)] == [mutated(originals, n, 7) for n in range(20)]
    assert mutated(originals, 3, 7) != mutated(originals, 3, 8)
