"""`iimm original`: an item's bytes as they were received.

Here: the command.
Not here: what is not given out (iimm_pipelines.accessions.originals).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from iimm_pipelines.accessions.numbers import accession_of, parse_number
from iimm_pipelines.cli.terminal import Data, console, opened
from iimm_pipelines.custody.lineage import ItemUnknown


def original(number: Annotated[str, typer.Argument(help="an item (A00012-0003-01234)")],
             file: Annotated[Path, typer.Argument(help="new file for its bytes; name it as you like, nothing is opened")],
             reader: Annotated[str, typer.Option("--as", help="account for which it is")],
             reason: Annotated[str, typer.Option("--reason", help="why it is given out")], data: Data = None) -> None:  # fmt: skip
    """Write an item's bytes as they were received into FILE. Refused for malware and for what is kept shut."""
    from iimm_pipelines.accessions.originals import OriginalRefused, give_out
    from iimm_pipelines.people.access_log import AccessEvent, What
    from iimm_pipelines.people.rights import Right
    from iimm_pipelines.search.access import reader as known

    item = parse_number(number)
    with opened(data) as holding:
        marks = {a.number: a.marks for a in holding.catalogue.accessions()}.get(accession_of(item), ())
        if not known(holding, reader, Right.DOWNLOAD).sees(accession_of(item), marks):
            holding.access_log.add(AccessEvent(reader, What.REFUSED, item))
            raise ItemUnknown(f"there is no item {item}")
        holding.access_log.add(AccessEvent(reader, What.DOWNLOADED, item))
        try:
            given = give_out(holding, item, file, to=reader, reason=reason)
        except OriginalRefused:
            holding.access_log.add(AccessEvent(reader, What.REFUSED, item))
            raise
    console.print(f"{file}: {given.size} bytes of {item}, SHA-256 {given.sha256.hex()}")
    console.print(f"scanned for malware by {given.scanner}" if given.scanner else
                  "NOT scanned for malware: open it where it can do no harm")  # fmt: skip
