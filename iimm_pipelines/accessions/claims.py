"""Claims: what lists say of a delivery, and how it fits what was handed over.

Here: which received file each row means, which files are one family, the order in which families are numbered, rows
without file and files without row, and the account of an accession's claims.
Not here: reading lists (load_files, bags), checking digests (stages/inventory), where claims lie (storage/listings).

A claim is never followed against the evidence: a file that a list does not name is received, a digest that differs is
a mark on the file.
"""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from iimm_pipelines.accessions.bags import Bag, bag_in
from iimm_pipelines.accessions.delivery import Delivery, Entry
from iimm_pipelines.accessions.load_files import ListFile, ListUnreadable, Meaning
from iimm_pipelines.accessions.numbers import Shard
from iimm_pipelines.accessions.rows import Deviation, NamedFile, Role, Row
from iimm_pipelines.holding import Holding
from iimm_pipelines.storage.listings import Claimed, Listed
from iimm_pipelines.storage.vault import SourceUnavailable

ATTACHMENT, RENDITION = "attachment", "rendition"
"""Relations that a load file gives: of a document to the one that it came with; of a page image or text to its document."""
_SAMPLE = 2_000
"""Files of a list that are looked up to find below which folder its paths lie."""
_ONE_IN = 10
"""A folder below which fewer of a list's paths are files is found by chance."""
_MOST_DROPPED, _MOST_TOP_FOLDERS = 6, 50
_RANKS = {r: i for i, r in enumerate(Role)}
_SIGNS_OF_A_BAG = (
    b"bagit.txt",
    b"manifest-md5.txt",
    b"manifest-sha1.txt",
    b"manifest-sha256.txt",
    b"manifest-sha512.txt",
)


@dataclass(frozen=True, slots=True)
class GivenList:
    """A list as an operator names it: its file, and the meaning of columns that have unusual names."""

    path: Path
    columns: Mapping[str, Meaning] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Source:
    """A list with its rows. `own` is its place among the entries where it lies in the delivery."""

    kind: str
    sha256: str
    rows: Callable[[], Iterator[Row]]
    resolve: Callable[[str], int | None]
    own: int | None


@dataclass(slots=True)
class _Document:
    """What all lists say under one number. Files are entries, by rank of their role and order of their rows."""

    parent: str = ""
    family: str = ""
    files: list[tuple[int, int, int]] = field(default_factory=list)

    @property
    def head(self) -> int | None:
        return min(self.files)[2] if self.files else None


@dataclass(frozen=True, slots=True)
class _Place:
    """Of a file in its family, as entries."""

    relation: str | None
    parent: int | None
    family: int | None


class Claims:
    """The lists of one delivery, held against its entries."""

    def __init__(self, entries: Sequence[Entry], sources: Sequence[_Source], bag: Bag | None) -> None:
        """Read every list once, for numbers, families and files."""
        self.entries = entries
        self._sources = sources
        self._bag = bag
        self._index = {e.path: i for i, e in enumerate(entries)}
        self._documents: dict[str, _Document] = {}
        for source in sources:
            self._collect(source)
        self._places: dict[int, _Place] = {}
        self._groups = list(self._families())

    def groups(self) -> Iterator[Sequence[Entry]]:
        """The entries, family by family in the order of the load files, then all others in their own order."""
        for group in self._groups:
            yield [self.entries[i] for i in group]
        for i, entry in enumerate(self.entries):
            if i not in self._places:
                yield (entry,)

    def described(self) -> list[dict[str, str]]:
        """Each list as the registration event names it."""
        return [{"format": s.kind, "sha256": s.sha256} for s in self._sources]

    def claimed(self, listed: Iterator[Listed]) -> Iterator[Claimed]:
        """Every claim, with the places that the files were given; list 0 is the bag itself."""
        places: dict[int, tuple[Shard, int]] = {self._index[f.path]: (f.shard, f.place) for f in listed}
        for row in self._bag.deviations() if self._bag else ():
            path = _raw(row.files[0].path) if row.files else None
            yield Claimed(None, None, 0, row.nth, path=path, deviation=row.deviation)
        for path in sorted(self._index.keys() - set(self._bag.payload)) if self._bag else ():
            yield Claimed(*places[self._index[path]], 0, 0, role=Role.LIST)
        for nth, source in enumerate(self._sources, 1):
            if source.own is not None:
                yield Claimed(*places[source.own], nth, 0, role=Role.LIST)
            for row in source.rows():
                yield from self._of_row(nth, source, row, places)
        yield from self._not_in_every_manifest(places)

    # reading

    def _collect(self, source: _Source) -> None:
        for row in source.rows():
            if not row.number:
                continue
            document = self._documents.setdefault(row.number, _Document())
            document.parent = document.parent or row.parent
            document.family = document.family or row.family
            for named in row.files:
                found = source.resolve(named.path)
                if found is not None:
                    document.files.append((_RANKS[named.role], row.nth, found))

    def _families(self) -> Iterator[list[int]]:
        """Entries family by family, and on the way the place of each in its family."""
        families: dict[str, list[str]] = defaultdict(list)
        for number in self._documents:
            families[self._ancestors(number)[-1]].append(number)
        for top, numbers in families.items():
            group: list[int] = []
            for number in dict.fromkeys((top, *numbers)):
                above = [h for a in self._ancestors(number)[1:] if (h := self._documents[a].head) is not None]
                document = self._documents[number]
                for _, _, entry in sorted(document.files):
                    if entry in self._places:
                        continue
                    head = document.head
                    if entry != head:
                        self._places[entry] = _Place(RENDITION, head, above[-1] if above else head)
                    elif above and above[0] != entry:
                        self._places[entry] = _Place(ATTACHMENT, above[0], above[-1])
                    else:
                        self._places[entry] = _Place(None, None, None)
                    group.append(entry)
            if group:
                yield group

    def _ancestors(self, number: str) -> list[str]:
        """A document and those above it, up to the first that names itself or comes twice."""
        found = [number]
        while True:
            document = self._documents[found[-1]]
            above = document.parent if document.parent in self._documents else document.family
            if above in found or above not in self._documents:
                return found
            found.append(above)

    # claims

    def _of_row(
        self, nth: int, source: _Source, row: Row, places: Mapping[int, tuple[Shard, int]]
    ) -> Iterator[Claimed]:
        """One claim for each file that a row names; what it says of the document stands with its first one found."""
        named: list[tuple[NamedFile | None, int | None]] = [(f, source.resolve(f.path)) for f in row.files]
        document = self._documents.get(row.number)
        if all(i is None for _, i in named) and document is not None and document.head is not None:
            named.append((None, document.head))
        if not named:
            named.append((None, None))
        main = min(range(len(named)), key=lambda k: (named[k][1] is None, _rank(named[k][0]), k))
        holder = next((k for k, (f, _) in enumerate(named) if f is not None and f.role in (Role.FILE, Role.LIST)), None)
        for k, (file, entry) in enumerate(named):
            at = self._places.get(entry) if entry is not None else None
            shard, place = places[entry] if entry is not None else (None, None)
            said = row.fields if k == main else ()
            if k == main and holder is None:  # a digest of a file that is not named is of none that can be checked
                said += tuple((f"digest {a}".strip(), v) for a, v in row.digests)
            yield Claimed(
                shard, place, nth, row.nth, role=file.role if file else None, maker=file.maker if file else None,
                path=_raw(file.path) if file else None, number=row.number or None,
                last_number=row.last_number or None if k == main else None,
                parent_number=row.parent or row.family or None if k == main else None,
                custody=row.custody or None if k == main else None, relation=at.relation if at else None,
                parent=_place_of(at.parent, shard, places) if at else None,
                family=_place_of(at.family, shard, places) if at else None,
                digests=row.digests if k == holder else (), fields=said,
                texts=tuple((t.role, t.maker, t.text) for t in row.texts) if k == main else (),
                deviation=row.deviation or _deviation(file, entry),
            )  # fmt: skip

    def _not_in_every_manifest(self, places: Mapping[int, tuple[Shard, int]]) -> Iterator[Claimed]:
        if self._bag is None or not self._bag.names_all_in_each:
            return
        named = [{source.resolve(f.path) for row in source.rows() for f in row.files}
                 for source, tag in zip(self._sources, self._bag.manifests, strict=False) if tag.payload]  # fmt: skip
        for path in self._bag.payload:
            entry = self._index[path]
            if 0 < sum(entry in one for one in named) < len(named):
                yield Claimed(*places[entry], 0, 0, deviation=Deviation.NOT_IN_EVERY_MANIFEST)


def read_claims(delivery: Delivery, given: Sequence[GivenList]) -> Claims | None:
    """The claims that came with a delivery, if any: those of a bag, and the lists that an operator names.

    Raises:
        ListUnreadable: a list is of no known format, or does not say what it names.
        DeliveryUnlistable: the delivery cannot be listed.
    """
    if not given and not any(_opens(delivery, p) for p in _SIGNS_OF_A_BAG):
        return None
    entries = list(delivery.entries())
    bag = bag_in(delivery, entries)
    if bag is None and not given:
        return None
    paths = _Paths(entries)
    sources = [_bag_source(bag, tag.path, i, delivery, paths) for i, tag in enumerate(bag.manifests)] if bag else []
    return Claims(entries, [*sources, *(_given_source(delivery, g, paths) for g in given)], bag)


def _bag_source(bag: Bag, path: bytes, nth: int, delivery: Delivery, paths: _Paths) -> _Source:
    digest = hashlib.sha256()
    with delivery.open(path) as opened:
        for piece in opened.pieces():
            digest.update(piece)
    return _Source("BagIt manifest", digest.hexdigest(), lambda: bag.rows(bag.manifests[nth]), paths.exact, None)


def _given_source(delivery: Delivery, given: GivenList, paths: _Paths) -> _Source:
    read = ListFile(lambda: given.path.open("rb"), given.columns)
    try:
        with given.path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as wrong:
        raise ListUnreadable(f"{given.path}: {wrong.strerror}") from None
    kind = read.format()
    where, top = os.fsencode(given.path.resolve()), delivery.where.rstrip(b"/") + b"/"
    own = paths.exact(os.fsdecode(where[len(top) :])) if where.startswith(top) else None
    inside = where[len(top) :].rpartition(b"/")[0] if own is not None else b""
    written = list(islice((f.path for row in read.rows() for f in row.files), _SAMPLE))
    base, dropped = paths.lie_below(written, inside.decode("utf-8", errors="surrogateescape"))
    return _Source(str(kind), digest, read.rows, lambda path: paths.find(path, base, dropped), own)


class _Paths:
    """Entries by path, as lists write paths: with backslashes, drives, another case, or from another folder on."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._raw = {e.path: i for i, e in enumerate(entries)}
        tops = dict.fromkeys(e.path.partition(b"/")[0] for e in entries if b"/" in e.path)
        self._top_folders = [t.decode("utf-8", errors="surrogateescape") for t in islice(tops, _MOST_TOP_FOLDERS)]
        self._folded: dict[str, int | None] = {}
        for i, entry in enumerate(entries):
            key = _folded(entry.path.decode("utf-8", errors="surrogateescape"))
            self._folded[key] = None if key in self._folded else i

    def exact(self, path: str) -> int | None:
        """The entry of just this path, or of one that differs in Unicode's composition only."""
        found = self._raw.get(_raw(path))
        for form in ("NFC", "NFD") if found is None else ():
            found = self._raw.get(_raw(unicodedata.normalize(form, path)), found)
        return found

    def find(self, path: str, base: str, dropped: int) -> int | None:
        """The entry of a path as a list writes it, without its first `dropped` folders and below `base`."""
        parts = _parts(path)
        if len(parts) <= dropped or ".." in parts:
            return None
        shifted = "/".join(filter(None, (base, *parts[dropped:])))
        found = self._raw.get(_raw(shifted))
        return self._folded.get(_folded(shifted)) if found is None else found

    def lie_below(self, written: Sequence[str], inside: str) -> tuple[str, int]:
        """Where paths of a list lie: the folder below which, and without how many first folders, most are found.

        It is one answer for the whole list: a file of the same name in another folder is another file.
        """
        bases = dict.fromkeys(["", *_folders_above(inside), *self._top_folders])
        candidates = [(b, d) for d in range(_MOST_DROPPED + 1) for b in bases]
        best = max(candidates, key=lambda c: self._found(written, *c))
        return best if self._found(written, *best) * _ONE_IN >= len(written) else (inside, 0)

    def _found(self, written: Sequence[str], base: str, dropped: int) -> int:
        return sum(self.find(p, base, dropped) is not None for p in written)


@dataclass(frozen=True, slots=True)
class ClaimAccount:
    """How claims and evidence fit: rows, deviations by kind, and claimed digests by what came of them."""

    rows: int
    deviations: Mapping[Deviation, int]
    agree: int
    unchecked: int
    bag: bool

    @property
    def holds(self) -> bool:
        """Whether nothing deviates."""
        return not self.deviations

    def plain(self) -> dict[str, object]:
        """As a custody event says it."""
        said: dict[str, object] = {"rows": self.rows, "deviations": {str(d): n for d, n in self.deviations.items()},
                                   "digests": {"agree": self.agree, "unchecked": self.unchecked}}  # fmt: skip
        return said | ({"bag_holds": self.holds} if self.bag else {})


def account_of(claims: Iterable[Claimed], received: int, checked: Iterable[bool | None]) -> ClaimAccount:
    """The account of some claims about `received` files; `checked`: for each digest whether it agrees, if that is known."""
    rows: set[tuple[int, int]] = set()
    named: set[tuple[Shard, int]] = set()
    deviating: set[tuple[Deviation, int, int, Shard | None, int | None]] = set()
    bag = False
    for claim in claims:
        bag |= claim.list == 0
        if claim.row and claim.list:
            rows.add((claim.list, claim.row))
        if claim.shard is not None and claim.place is not None:
            named.add((claim.shard, claim.place))
        if claim.deviation:
            deviating.add((Deviation(claim.deviation), claim.list, claim.row, claim.shard, claim.place))
    deviations = Counter(d for d, *_ in deviating)
    digests = Counter(checked)
    deviations[Deviation.NO_ROW] += received - len(named)
    deviations[Deviation.DIGEST] += digests[False]
    return ClaimAccount(len(rows), {d: deviations[d] for d in Deviation if deviations[d]}, digests[True], digests[None],
                        bag)  # fmt: skip


def claim_account(holding: Holding, number: str) -> ClaimAccount | None:
    """The account of an accession's claims as far as its files were read; None where no list came with it."""
    if not holding.listings.claims_path(number).exists():
        return None
    checked = (c for s in holding.catalogue.shards(number) for c in _checked(holding, s.number))
    return account_of(holding.listings.claims(number), holding.catalogue.accession(number).received, checked)


def _checked(holding: Holding, shard: Shard) -> Iterator[bool | None]:
    for table in holding.parts.columns("inventory", shard, ["claims"]):
        for claims in table["claims"].to_pylist():
            for claim in claims or ():
                yield from (d["agrees"] for d in claim["digests"] or ())


def _deviation(file: NamedFile | None, entry: int | None) -> Deviation | None:
    if entry is not None:
        return None
    return Deviation.OUTSIDE if file is not None and ".." in _parts(file.path) else Deviation.NO_FILE


def _rank(file: NamedFile | None) -> int:
    return -1 if file is None else _RANKS[file.role]


def _place_of(entry: int | None, shard: Shard | None, places: Mapping[int, tuple[Shard, int]]) -> int | None:
    """The place of an entry in this shard; a family larger than a shard is known by its numbers only."""
    if entry is None:
        return None
    there, place = places[entry]
    return place if there == shard else None


def _parts(path: str) -> list[str]:
    return [p for p in re.sub(r"^[A-Za-z]:", "", path.strip()).replace("\\", "/").split("/") if p not in ("", ".")]


def _folders_above(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:n]) for n in range(1, len(parts) + 1)] if path else []


def _folded(path: str) -> str:
    return path.casefold()


def _raw(path: str) -> bytes:
    return path.encode("utf-8", errors="surrogateescape")


def _opens(delivery: Delivery, path: bytes) -> bool:
    try:
        with delivery.open(path):
            return True
    except SourceUnavailable:
        return False
