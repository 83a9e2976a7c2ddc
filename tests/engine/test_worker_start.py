"""The start of a worker: it does not pay for the program that started it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROGRAM = """
import os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
with open(sys.argv[1] + "/imports", "a") as imports:
    imports.write(f"{os.getpid()}\\n")

from iimm_pipelines.engine.stage import Task
from iimm_pipelines.engine.workers import Workers
import stages_for_tests

if __name__ == "__main__":
    here = Path(sys.argv[1])
    with Workers(stages_for_tests.ONE, processes=2, models=here, scratch=here / "scratch", memory=1 << 28) as pool:
        for task, done in pool.run([Task(item=str(i), place=i, object=b"", size=0) for i in range(4)]):
            print(done.outcome.kind)
"""


def test_a_worker_does_not_import_the_program_that_started_it(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    ran = subprocess.run([sys.executable, program, tmp_path, Path(__file__).parent], capture_output=True, text=True,
                         check=True, timeout=120)  # fmt: skip
    assert len(ran.stdout.split()) == 4
    assert len((tmp_path / "imports").read_text().split()) == 1
