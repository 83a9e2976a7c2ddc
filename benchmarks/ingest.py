"""One accession through intake and contents, in a new holding, as a process by itself: what is timed cold.

Here: that and no more, as `iimm run` does it, so that it starts with what it needs.
Not here: the clock (benchmarks.intake).

    python -m benchmarks.ingest DATA FILES
"""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path

from iimm_pipelines.engine import fork_server


def ingested(data: Path, files: Path) -> None:
    """Register and take in files, and read their contents and those of all files inside."""
    from iimm_pipelines.accessions.register import Basis, Receipt, register
    from iimm_pipelines.engine.run import run_stage
    from iimm_pipelines.holding import Holding
    from iimm_pipelines.settings import load_settings
    from iimm_pipelines.stages import contents
    from iimm_pipelines.stages.inventory import take_in

    with closing(Holding(load_settings(data))) as holding:
        row = register(holding, files, Receipt("S-1", Basis.CONSENT, ("restricted",), sample=True))
        with holding.catalogue.lease(row.number):
            take_in(holding, row.number)
        for shard in holding.catalogue.shards(row.number):
            with holding.catalogue.lease(shard.number):
                run_stage(holding, contents.STAGE, shard.number)
        holding.record.drain()


if __name__ == "__main__":
    fork_server.begin(fork_server.READERS)
    ingested(*map(Path, sys.argv[1:]))
