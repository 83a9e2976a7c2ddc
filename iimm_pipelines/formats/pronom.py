"""PRONOM: the identifier that archives use for a format, by signature.

Here: siegfried in this process, and its answer as one more opinion.
Not here: the type that is decided for (detect). A name's extension has no say in it: files have none here.

Measured on 1,404 public files: 1.5 ms a file; 766 have a signature, the others are mostly plain text, which has none.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pygfried import Scanner

READER = "pronom"
SIEGFRIED = "1.11.9"
SIGNATURES = "DROID_SignatureFile_V125.xml; container-signature-20260119.xml"
"""Both stand in the stage's digest: other signatures may give other answers."""
_MOST_BYTES = 256 << 20
"""Some signatures lie anywhere, so that siegfried reads files whole: a gigabyte in 6 to 30 s."""
_BY_SIGNATURE = ("byte match", "container match", "container name")


def load() -> Scanner:
    """Make the scanner, with its 90 MB and its threads, before a worker's memory is limited."""
    os.environ["GOMAXPROCS"] = "1"  # one worker for each processor is the parallelism
    os.environ["GOGC"] = "400"  # with Go's own 100, a third of the time of loading goes into looking for garbage
    import pygfried

    scanner = pygfried.Scanner()
    scanner.identify(__file__)
    return scanner


def opinions(scanner: Scanner, path: Path) -> list[tuple[str, str]]:
    """Reader and identifier, such as `fmt/43`, for each signature that fits; none for what has none or is too large."""
    from pygfried import EmptySourceError, GoError

    if not 0 < path.stat().st_size <= _MOST_BYTES:
        return []
    try:
        found = scanner.identify(str(path), detailed=True)
    except (EmptySourceError, GoError):
        return []
    return [(READER, str(match["id"])) for file in found["files"] for match in file["matches"]
            if any(basis in match["basis"] for basis in _BY_SIGNATURE)]  # fmt: skip
