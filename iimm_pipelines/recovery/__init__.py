"""Recovery: the four that cannot be rebuilt (vault, log, keys, human decisions), kept twice and brought back.

Here: copies of the vault, backups of keys and of the rest, restoring, fixity. docs/backup.md is for those who do it.
Not here: how any of these is stored at its place (storage/, custody/), whether all of it holds (custody/verify).
"""

HOLDING = "holding"
"""What a custody event is about where it is about no accession, but about all of them."""

BACKED_UP = "backed up"
"""The custody event of a backup. It notes the newest lines of the logs that it took."""


class RecoveryRefused(ValueError):
    """A copy, backup or restore cannot be made as asked; the message says what to do."""
