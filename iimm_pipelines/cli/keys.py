"""`iimm keys`: backing up, confirming, bringing back and changing the holding's keys.

Here: the commands.
Not here: the form of a backup (iimm_pipelines.recovery.key_backup), what keys are for (iimm_pipelines.storage.keys).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from iimm_pipelines.cli.terminal import Data, console, opened

app = typer.Typer(no_args_is_help=True, help="The holding's keys.")
Identities = Annotated[
    list[Path] | None, typer.Option("--identity", help="file with a recovery identity; several may be given")
]
Shares = Annotated[
    list[Path] | None, typer.Option("--share", help="file with the words of one share; several may be given")
]


@app.command()
def identity(file: Path) -> None:
    """Make a recovery identity in FILE, to be kept apart from this machine, and say which recipient it opens."""
    from iimm_pipelines.recovery.key_backup import new_identity

    recipient = new_identity(file)
    console.print(f"Identity in {file}. Move it to where it is safe, off this machine. It opens what is encrypted to:")
    console.print(recipient, soft_wrap=True)


@app.command()
def backup(file: Path, data: Data = None,
           to: Annotated[list[str] | None, typer.Option("--to", help="recipient (age1…, ssh-ed25519 …) or a file of them")] = None,
           shares: Annotated[str | None, typer.Option("--shares", help="as 3-of-5: so many of the recipients together")] = None) -> None:  # fmt: skip
    """Write the keys to FILE, encrypted to recovery recipients."""
    from iimm_pipelines.recovery.key_backup import back_up_keys

    with opened(data) as holding:
        made = back_up_keys(holding, file, to or [], _needed(shares, to or []))
    for path in made:
        console.print(f"written: {path}", soft_wrap=True)
    if len(made) > 1:
        console.print("Give each share to its recipient, and keep the first file with the backups.")
    console.print(f"Next: `iimm keys confirm {file}`, with the identity, proves that it opens.", soft_wrap=True)


@app.command()
def confirm(file: Path, data: Data = None, identity: Identities = None, share: Shares = None) -> None:
    """Prove that the backup in FILE opens and holds the keys of now, and record it."""
    from iimm_pipelines.recovery.key_backup import confirm_backup

    with opened(data) as holding:
        confirm_backup(holding, file, identity or [], share or [])
    console.print(f"{file} opens and holds the keys of now. Recorded.", soft_wrap=True)


@app.command()
def restore(file: Path, data: Data = None, identity: Identities = None, share: Shares = None) -> None:
    """Bring the keys back into a data folder that has lost them."""
    from iimm_pipelines.recovery.key_backup import open_backup, restore_keys
    from iimm_pipelines.settings import load_settings

    folder = load_settings(data).data
    restore_keys(folder, open_backup(file, identity or [], share or []))
    console.print(f"Keys restored into {folder / 'keys'}. Next: `iimm verify`", soft_wrap=True)


@app.command()
def rotate(data: Data = None) -> None:
    """Make a new wrapping key. What was encrypted before stays as it is, and still opens."""
    from iimm_pipelines.recovery.key_backup import rotate_keys

    with opened(data) as holding:
        rotate_keys(holding)
    console.print("A new wrapping key is in use; older ones stay. Back the keys up again: `iimm keys backup FILE`")


def _needed(shares: str | None, recipients: list[str]) -> int | None:
    from iimm_pipelines.recovery import RecoveryRefused

    if shares is None:
        return None
    found = re.fullmatch(r"(\d+)-of-(\d+)", shares)
    if found is None:
        raise RecoveryRefused("shares are given as 3-of-5")
    if int(found[2]) != len(recipients):
        raise RecoveryRefused(
            f"{found[2]} shares need {found[2]} recipients, one --to for each; {len(recipients)} were given"
        )
    return int(found[1])
