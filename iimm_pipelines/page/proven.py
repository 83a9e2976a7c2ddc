"""An item to take away with its proof: a ZIP of its original and its lineage.

Here: what lies in the ZIP.
Not here: walking the lineage (custody/lineage), who may have it (page/file_answers), packages for outsiders.
"""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

from iimm_pipelines.accessions.numbers import Number
from iimm_pipelines.accessions.originals import Cause, Harmless
from iimm_pipelines.custody.lineage import as_plain, for_reader, lineage, plain_value
from iimm_pipelines.holding import Holding

_TIME = (1980, 1, 1, 0, 0, 0)
"""The ZIP's own times say nothing: those that count are in the lineage."""
_WITH = """{number}

{original}
lineage.json  every step that this item rests on, with the leaf of each and the root of its part; which custody events its
              accession and it have. Each proof, that of the log of custody too, was checked when this was made.

The SHA-256 of the original is the item's `object`: `sha256sum {name}` must give {sha256}
"""
_WITHOUT = """{number}

No original is here: {why}.
lineage.json  every step that this item rests on, with the leaf of each and the root of its part; which custody events its
              accession and it have. Each proof, that of the log of custody too, was checked when this was made.
"""


def write_zip(
    holding: Holding, number: Number, found: Harmless | Cause, original: Path, name: str, target: Path
) -> None:
    """Write the ZIP; `original` is a copy of the item's bytes, where nothing stands against giving them out.

    Raises:
        ProofInvalid, PartDamaged, LogDamaged, CheckpointInvalid: a proof does not hold.
    """
    walked = as_plain(for_reader(lineage(holding, number)), for_reader=True)
    for event in walked["events"]:
        del event["body"]  # it may tell of other accessions, as on the page
    if isinstance(found, Harmless):
        about = _WITH.format(number=number, original=f"{name:<12}  the bytes as they were received", name=name,
                             sha256=found.object.hex())  # fmt: skip
    else:
        about = _WITHOUT.format(number=number, why=found)
    with zipfile.ZipFile(target, "x") as made:
        made.writestr(zipfile.ZipInfo(f"{number}/README.txt", _TIME), about)
        plain = json.dumps(walked, default=plain_value, indent=1, ensure_ascii=True)
        made.writestr(zipfile.ZipInfo(f"{number}/lineage.json", _TIME), plain)
        if isinstance(found, Harmless):
            with original.open("rb") as source, made.open(zipfile.ZipInfo(f"{number}/{name}", _TIME), "w",
                                                          force_zip64=True) as member:  # fmt: skip
                while piece := source.read(1 << 20):
                    member.write(piece)
