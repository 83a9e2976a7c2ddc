"""`iimm backup` and `iimm restore`: the holding onto another volume, and onto a new machine.

Here: the commands.
Not here: what belongs to a backup (iimm_pipelines.recovery.backup), the steps of a restore (recovery.restore).
"""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from iimm_pipelines.cli.keys import Identities, Shares
from iimm_pipelines.cli.terminal import AsJson, Data, console, counted, opened, print_json
from iimm_pipelines.cli.vault import as_typed


def backup(folder: Path, data: Data = None,
           again: Annotated[bool, typer.Option("--check", help="read all that the backup has, and mend what is damaged")] = False,
           as_json: AsJson = False) -> None:  # fmt: skip
    """Back up log, parts, listings and settings into FOLDER: all but the vault (`iimm vault copy`) and `iimm keys backup`."""
    from iimm_pipelines.recovery.backup import back_up

    with opened(data) as holding, counted("backing up", "files", quiet=as_json) as progress:
        done = back_up(holding, folder, again=again, progress=progress)
    if as_json:
        print_json(asdict(done))
    else:
        console.print(f"Snapshot {done.snapshot.number}: {done.new_files} new files, {done.new_bytes} bytes; log of "
                      f"{done.snapshot.size} entries, root {done.snapshot.root[:16]}…")  # fmt: skip
        for fault in done.faults:
            console.print(fault, soft_wrap=True)
    if done.faults:
        raise typer.Exit(1)


def restore(folder: Path,
            keys: Annotated[Path, typer.Option("--keys", help="backup of the keys")],
            vault: Annotated[str | None, typer.Option("--vault", help="copy of the vault; none if the vault was not lost")] = None,
            identity: Identities = None, share: Shares = None, data: Data = None, as_json: AsJson = False) -> None:  # fmt: skip
    """Make a new data folder (--data) from the backup in FOLDER. Cut short, give the same command again."""
    from iimm_pipelines.recovery.key_backup import open_backup
    from iimm_pipelines.recovery.restore import restore as bring_back
    from iimm_pipelines.settings import load_settings

    began = time.monotonic()

    def say(step: str) -> None:
        if not as_json:
            console.print(f"{time.monotonic() - began:8.1f} s  {step}")

    target = load_settings(data).data
    done = bring_back(target, folder, open_backup(keys, identity or [], share or []), as_typed(vault), say=say)
    say("done")
    faults = [*done.faults, *(done.vault.faults if done.vault else ())]
    if as_json:
        print_json(asdict(done))
    else:
        objects = (
            f"{done.vault.copied + done.vault.there} objects" if done.vault else "the vault that the settings name"
        )
        console.print(f"Snapshot {done.snapshot.number} of {done.snapshot.made_at}: {done.files} files, "
                      f"{done.attestations} attestations, {objects}. Next: `iimm verify`, then `iimm run`")  # fmt: skip
        for fault in faults:
            console.print(fault, soft_wrap=True)
    if faults:
        raise typer.Exit(1)
