"""BagIt bags inside an archive (RFC 8493, section 4): whether the files that came out are those that the bag names.

Here: holding members against the bag's manifests, after an archive was read.
Not here: what a bag's tag files say (accessions/bags), bags that are handed over as folders (accessions/claims).
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from iimm_pipelines.accessions.bags import DECLARATION, Bag
from iimm_pipelines.accessions.delivery import Entry, Opened, State
from iimm_pipelines.accessions.rows import Deviation
from iimm_pipelines.formats.parsed import FileKind, Member, Parsed
from iimm_pipelines.storage.vault import SourceUnavailable

_USED = frozenset({"bag"})
_LARGEST_TAG_FILE = 64 << 20
"""Bytes: half a million files; a larger one, taken apart, could cost the worker and so all that was read."""
_ALGORITHMS = frozenset(a for a in hashlib.algorithms_guaranteed if not a.startswith("shake"))


@dataclass(frozen=True, slots=True)
class _Members:
    """The members below a bag's folder, as a delivery."""

    files: Mapping[bytes, Member]
    where: bytes = b""

    def entries(self) -> Iterator[Entry]:
        """Those that have bytes."""
        yield from (Entry(path, State(m.size, 0)) for path, m in self.files.items())

    @contextmanager
    def open(self, path: bytes) -> Iterator[Opened]:
        """Open a member's bytes."""
        member = self.files.get(path)
        if member is None or member.file is None:
            raise SourceUnavailable("no such member")
        descriptor = os.open(member.file, os.O_RDONLY | os.O_CLOEXEC)
        try:
            yield Opened(State(member.size, 0), descriptor)
        finally:
            os.close(descriptor)

    def leads_to(self, path: bytes) -> bytes | None:
        """Nowhere: links have no bytes."""
        return None


def checked(found: Parsed) -> Parsed:
    """The archive with what its bag says of it, where it holds one: at its top, or in its one folder."""
    if found.kind is not FileKind.CONTAINER or (below := _base(found.members)) is None:
        return found
    files = {m.path[len(below) :]: m for m in found.members if m.path.startswith(below) and m.file is not None}
    if any(m.size > _LARGEST_TAG_FILE and not path.startswith(b"data/") for path, m in files.items()):
        return replace(
            found, used=found.used | _USED, metadata=(("bag", "not checked: a tag file is too large"), *found.metadata)
        )
    delivery = _Members(files)
    bag = Bag(delivery, list(delivery.entries()))
    deviations: Counter[str] = Counter(str(row.deviation) for row in bag.deviations())
    named: Counter[bytes] = Counter()
    differ: set[bytes] = set()
    for manifest in bag.manifests:
        for row in bag.rows(manifest):
            path = row.files[0].path.encode("utf-8", errors="surrogateescape") if row.files else b""
            if row.deviation is not None:
                deviations[str(row.deviation)] += 1
            elif path not in files:
                deviations[str(Deviation.NO_FILE)] += 1
            elif not _as_said(files[path], *row.digests[0]):
                differ.add(path)
            named[path] += 1
    needed = sum(m.payload for m in bag.manifests) if bag.names_all_in_each else 1
    deviations[str(Deviation.DIGEST)] += len(differ)
    deviations[str(Deviation.NO_ROW)] += sum(not named[path] for path in bag.payload)
    deviations[str(Deviation.NOT_IN_EVERY_MANIFEST)] += sum(0 < named[path] < needed for path in bag.payload)
    wrong = +deviations
    members = tuple(replace(m, metadata=(*m.metadata, ("digest holds", "false"))) if m.path[len(below) :] in differ and m.file
                    else m for m in found.members)  # fmt: skip
    said = [
        ("bag", "does not hold" if wrong else "holds"),
        *((f"bag: {how}", str(n)) for how, n in sorted(wrong.items())),
    ]
    return replace(found, used=found.used | _USED, members=members, metadata=(*said, *found.metadata))


def _base(members: Sequence[Member]) -> bytes | None:
    """The folder of the bag that an archive holds, with its slash; None where it is none."""
    for member in members:
        folder, _, name = member.path.rpartition(b"/")
        if name == DECLARATION and b"/" not in folder.removeprefix(b"./"):
            return member.path[: -len(name)]
    return None


def _as_said(member: Member, algorithm: str, value: str) -> bool:
    """Whether a member has that digest; of one that cannot be computed here nothing is said against it."""
    assert member.file is not None
    if algorithm not in _ALGORITHMS:
        return True
    with member.file.open("rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest() == value
