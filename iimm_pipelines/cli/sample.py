"""`iimm sample`: the invented sample evidence.

Here: the command.
Not here: what is in it (iimm_pipelines.sample).
"""

from __future__ import annotations

from pathlib import Path

from iimm_pipelines.cli.terminal import AsJson, console, print_json


def sample(folder: Path, as_json: AsJson = False) -> None:
    """Make the sample evidence: two invented accessions, the same bytes each time."""
    from iimm_pipelines.sample.make import make_sample

    made = make_sample(folder)
    if as_json:
        print_json({"folder": str(made.folder), "files": made.files, "accessions": [a.files for a in made.accessions]})
    else:
        console.print(f"{made.files} files in {len(made.accessions)} accessions below {made.folder}")
