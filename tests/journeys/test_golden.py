"""Golden roots: what each stage makes of the sample, so that no output changes without a new version.

    python tests/journeys/test_golden.py DATA

writes golden.json anew from a holding that has run the sample, after a stage's version was raised.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from iimm_pipelines.custody.canonical import canonical
from iimm_pipelines.custody.environment import environment
from iimm_pipelines.custody.merkle import leaf_hash, root
from iimm_pipelines.holding import Holding
from iimm_pipelines.settings import load_settings
from iimm_pipelines.stages import inventory
from iimm_pipelines.stages.graph import STAGES, bound

if TYPE_CHECKING:
    from sample_journey import Journey

GOLDEN = Path(__file__).with_name("golden.json")
RESTS_ON_THE_MACHINE = frozenset({
    "recognised_text", "transcripts", "languages", "translations", "entities", "search_index",
})  # fmt: skip
"""Models and Debian's Tesseract, and what is made from what they say."""


def roots(holding: Holding) -> dict[str, dict[str, str]]:
    """By stage its digest and the root over what it found of each item; neither keys nor times have a part in it."""
    digests = {inventory.STAGE.name: inventory.STAGE.digest}
    digests |= {name: stage.digest for name, stage in bound(holding.settings).items()}
    leaves: dict[str, list[tuple[str, bytes]]] = {name: [] for name in digests}
    for part in holding.catalogue.parts():
        for o in holding.parts.outcomes(part):
            said = {"content": o.content, "item": o.item, "numbers": None if o.numbers is None else list(o.numbers),
                    "used": None if o.used is None else sorted(o.used)}  # fmt: skip
            leaves[part.stage].append((o.item, leaf_hash(canonical(said))))
    return {n: {"root": root([leaf for _, leaf in sorted(leaves[n])]).hex(), "stage": digests[n]} for n in digests}


def machine() -> dict[str, str]:
    """What the last bits of a model's answer rest on."""
    said = subprocess.run(["tesseract", "--version"], capture_output=True, text=True, check=True)
    version = re.search(r"tesseract (\S+)", said.stdout + said.stderr)
    flags = re.search(r"^flags\s*: (.+)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
    assert version is not None
    features = hashlib.sha256(flags[1].encode()).hexdigest()[:16] if flags else ""
    return {"features": features, "processor": environment()["processor"], "tesseract": version[1]}


@pytest.fixture(scope="module")
def found(journey: Journey) -> dict[str, dict[str, str]]:
    with closing(Holding(load_settings(journey.data))) as holding:
        return roots(holding)


@pytest.mark.parametrize("stage", ["inventory", *(s.name for s in STAGES)])
def test_a_stage_makes_of_the_sample_what_it_made(found: dict[str, dict[str, str]], stage: str) -> None:
    golden: dict[str, Any] = json.loads(GOLDEN.read_text(encoding="utf-8"))
    if stage in RESTS_ON_THE_MACHINE and golden["machine"] != machine():
        pytest.skip(f"golden root of a model's work, made on {golden['machine']}")
    before, now = golden["stages"][stage], found[stage]
    if before["root"] != now["root"]:
        raised = before["stage"] != now["stage"]
        pytest.fail(f"{stage} answers otherwise under "
                    + ("a new digest: write golden.json anew" if raised else "the same digest: raise its version"))  # fmt: skip
    assert before["stage"] == now["stage"], f"{stage} has a new digest: write golden.json anew"


if __name__ == "__main__":
    with closing(Holding(load_settings(Path(sys.argv[1])))) as opened:
        text = json.dumps({"machine": machine(), "stages": roots(opened)}, indent=2, sort_keys=True)
    GOLDEN.write_text(text + "\n", encoding="utf-8")
