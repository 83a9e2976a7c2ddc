"""Inventory: every received file read once, hashed, encrypted into the vault.

Here: intake of an accession's shards, and its sealing, when the root over all received files is known.
Not here: the listing and the numbers (accessions/register), anything inside a file (stages/contents).

This is the one stage that runs in the parent: it holds the vault's keys and looks at no content.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import polars as pl

from iimm_pipelines.accessions.claims import claim_account
from iimm_pipelines.accessions.delivery import Delivery, Folder, Opened, State, delivery_at
from iimm_pipelines.accessions.numbers import Accession, Shard, accession_of, item_number
from iimm_pipelines.accessions.register import accession_root
from iimm_pipelines.custody.canonical import canonical
from iimm_pipelines.custody.merkle import leaf_hash
from iimm_pipelines.engine.commit import Provenance, commit, sealed
from iimm_pipelines.engine.outcome import Outcome, Reason, Row, ended, produced
from iimm_pipelines.engine.run import PromiseBroken, StageReport
from iimm_pipelines.engine.stage import Stage, Task, part_key
from iimm_pipelines.holding import Holding
from iimm_pipelines.schema import CLAIMS, RECEIVED
from iimm_pipelines.storage.catalogue import AccessionRow, SliceRow
from iimm_pipelines.storage.listings import Claimed, Listed
from iimm_pipelines.storage.parts import StoredOutcome
from iimm_pipelines.storage.vault import ChangedWhileRead, Digests, SourceUnavailable

READERS = 4
"""Threads that read and encrypt, at 64 MiB of memory each: enough for a store that is slow to answer."""
_TOGETHER, _TOGETHER_BYTES = 50, 4 << 20
"""Files that a thread takes at a time, at most: one at a time costs a small file a quarter more."""
_SMALL = 64 << 10
"""Bytes below which a file on this machine waits for the interpreter rather than for the disk or for its digests: four
threads take in 10,000 files of 2 kB in 1.5 times the time of one."""


_Run = list[tuple[Listed, bytes]]
"""Files, each with its claim, that are read one after the other."""

OTHER_DIGESTS = frozenset({"sha224", "sha384", "sha512", "sha3_256", "sha3_384", "sha3_512", "blake2b", "blake2s"})
"""Digests that a list may claim beside those that every file gets."""


def _in_the_parent(tool: object, task: Task) -> Outcome:
    raise TypeError("inventory runs in the parent, not in a worker")


STAGE = Stage(name="inventory", version=1, tables=(RECEIVED, CLAIMS), apply=_in_the_parent, slice_items=2_500,
              slice_bytes=2 << 30, by_item=True)  # fmt: skip


def take_in(holding: Holding, number: str, *, invocation: str = "",
            progress: Callable[[int], None] | None = None) -> list[StageReport]:  # fmt: skip
    """Bring an accession's files into the vault, slice by slice, and seal it; the caller holds its lease.

    Raises:
        PromiseBroken: outcomes out are not files in.
        VaultUnlocked: the vault's bucket deletes what is locked. Nothing was taken in.
        VaultUnavailable, DeliveryUnreachable: the vault, or where the delivery lies, cannot be reached, or not any more.
            What was committed stands; the rest is taken in when this is called again.
    """
    holding.probe_vault()
    reports = [
        _take_in_shard(holding, number, s.number, invocation, progress)
        for s in holding.catalogue.shards(number)
        if s.origin is None
    ]
    row = holding.catalogue.accession(number)
    answered = sum(r.items for r in reports)
    if answered != row.received:
        raise PromiseBroken(f"inventory of {number}: {answered} outcomes for {row.received} received files")
    if row.state != "refused":
        with holding.record.log.locked():  # of two equal deliveries that end at once, one must see the other
            _seal(holding, row)
    return reports


def waiting(holding: Holding) -> dict[Accession, str]:
    """Accessions that wait for intake, each with what tells this waiting from an earlier one.

    They are new, or files that could not be read are to be tried again.
    """
    retries: dict[Accession, list[str]] = {}
    for part in holding.catalogue.parts(stage=STAGE.name):
        if part.counts.get("failed"):
            asked = [s.retry for s in holding.catalogue.slices(STAGE.name, part.shard) if s.start == part.start]
            retries.setdefault(accession_of(part.shard), []).extend(
                f"{part.start}:{n}" for n in asked if n > part.retry
            )
    return {a.number: "/".join([a.listing, *retries.get(a.number, ())]) for a in holding.catalogue.accessions()
            if a.state == "registered" or (a.state == "sealed" and retries.get(a.number))}  # fmt: skip


def _take_in_shard(holding: Holding, number: str, shard: Shard, invocation: str,
                   progress: Callable[[int], None] | None) -> StageReport:  # fmt: skip
    report = StageReport(STAGE.name, shard)
    files = list(holding.listings.read(number, shard))
    said: dict[int, list[Claimed]] = defaultdict(list)
    for claimed in holding.listings.claims(number, shard):
        said[claimed.place or 0].append(claimed)
    current = {p.start: p for p in holding.catalogue.parts(shard, STAGE.name)}
    delivery = delivery_at(holding.catalogue.accession(number).folder)
    for piece in _slices(holding, shard, files):
        mine = [f for f in files if piece.start <= f.place < piece.end]
        claims = [_claim(f, said[f.place]) for f in mine]
        key = part_key(STAGE, shard, (piece.start, piece.end), claims, piece.retry)
        standing = current.get(piece.start)
        if standing is not None and standing.key == key:
            report.standing += len(mine)
        else:
            before = {o.place: o for o in holding.parts.outcomes(standing)} if standing else {}
            again = piece.retry_reasons if standing and piece.retry > standing.retry else frozenset()
            made = Provenance(key, datetime.now(UTC), invocation)

            def read(some: _Run) -> list[StoredOutcome]:
                return [_outcome(holding, delivery, f, said[f.place], c, before.get(f.place), again) for f, c in some]  # noqa: B023

            here = holding.vault.lies_here and isinstance(delivery, Folder)
            with ThreadPoolExecutor(READERS) as readers:
                outcomes = _answers(readers, read, list(_together(mine, claims)), alone=here)
            holding.vault.sync()
            objects = [(o.tables["received"][0]["sha256"], shard, o.place) for o in outcomes if o.reason is None]
            part = commit(holding, STAGE, shard, piece, outcomes, made, objects=objects)
            report.computed += part.counts["computed"]
            report.carried += part.counts["carried"]
            report.bytes += sum(f.size for f in mine)
            report.seconds += part.seconds
            report.parts += 1
        if progress:
            progress(len(mine))
    for part in holding.catalogue.parts(shard, STAGE.name):
        report.kinds.update({k: n for k, n in part.counts.items() if k not in ("computed", "carried")})
    return report


def _slices(holding: Holding, shard: Shard, files: Sequence[Listed]) -> list[SliceRow]:
    known = holding.catalogue.slices(STAGE.name, shard)
    begin = known[-1].end if known else 0
    if begin > files[-1].place:
        return known
    # A catalogue that was rebuilt knows the slices that were done, and those come first.
    ranges, start, size = [], begin, 0
    for file in files:
        if file.place < begin:
            continue
        if file.place > start and (file.place - start >= STAGE.slice_items or size + file.size > STAGE.slice_bytes):
            ranges.append((start, file.place))
            start, size = file.place, 0
        size += file.size
    ranges.append((start, files[-1].place + 1))
    holding.catalogue.write_slices(STAGE.name, shard, ranges)
    return holding.catalogue.slices(STAGE.name, shard)


def _together(files: Sequence[Listed], claims: Sequence[bytes]) -> Iterator[_Run]:
    """Files with their claims in runs that one thread reads at a time; a large file is one of its own."""
    some: _Run = []
    size = 0
    for file, claim in zip(files, claims, strict=True):
        if some and (len(some) == _TOGETHER or size + file.size > _TOGETHER_BYTES):
            yield some
            some, size = [], 0
        some.append((file, claim))
        size += file.size
    if some:
        yield some


def _answers(readers: Executor, read: Callable[[_Run], list[StoredOutcome]], runs: Sequence[_Run], *,
             alone: bool) -> list[StoredOutcome]:  # fmt: skip
    """The outcomes of all runs, in their order; those of small files, where they gain nothing by it, by no other thread."""
    small = [alone and all(f.size < _SMALL for f, _ in run) for run in runs]
    begun = {n: readers.submit(read, run) for n, run in enumerate(runs) if not small[n]}
    try:
        own = {n: read(run) for n, run in enumerate(runs) if small[n]}
        return [outcome for n in range(len(runs)) for outcome in (own[n] if small[n] else begun[n].result())]
    except BaseException:
        readers.shutdown(cancel_futures=True)
        raise


def _claim(file: Listed, said: Sequence[Claimed]) -> bytes:
    """The leaf of a listed file, with what lists say of it: what stands for an earlier outcome, since nothing is earlier."""
    claims = [{n: getattr(c, n) for n in Claimed.__dataclass_fields__} for c in said]
    return leaf_hash(canonical({"claims": claims or None, "modified_ns": str(file.modified_ns), "path": file.path, "place": file.place,
                                "shard": file.shard, "size": file.size, "tag": file.tag or None}))  # fmt: skip


def _outcome(holding: Holding, delivery: Delivery, file: Listed, said: Sequence[Claimed], claim: bytes,
             before: StoredOutcome | None, again: frozenset[str]) -> StoredOutcome:  # fmt: skip
    work = hashlib.sha256(claim).digest()
    item = item_number(file.shard, file.place)
    kept = before is not None and before.work == work and before.reason not in again
    if kept and before is not None and before.recipe == STAGE.recipe(before.used):
        return replace(before, carried=True)
    changed = before is not None and before.reason == Reason.CHANGED_WHILE_READ and before.reason in again
    outcome = _read(holding, delivery, file, said, as_listed=not changed)
    return sealed(holding, STAGE, item=item, place=file.place, outcome=outcome, inputs=(claim,), work=work)


def _read(holding: Holding, delivery: Delivery, file: Listed, said: Sequence[Claimed], *, as_listed: bool) -> Outcome:
    """Read a file; where it is tried again because it had changed since it was listed, take it as it is now."""
    related = next((c for c in said if c.relation), None)
    listed = {"path": file.path, "size": file.size, "modified_ms": file.modified_ns // 1_000_000,
              "relation": related and related.relation, "parent": related and related.parent,
              "family": related and related.family}  # fmt: skip

    def unread(reason: Reason) -> Outcome:
        return ended(reason, tables={"received": [listed], "claims": [_claim_row(c, {}) for c in said]})

    if not file.regular:
        listed["leads_to"] = delivery.leads_to(file.path)
        return unread(Reason.WRONG_KIND)
    try:
        with delivery.open(file.path) as opened:
            now = opened.state
            if as_listed and now != State(file.size, file.modified_ns, file.tag):
                return unread(Reason.CHANGED_WHILE_READ)
            if isinstance(opened.source, int):
                digests = holding.vault.put_file(opened.source, deferred=True)
            else:
                digests = holding.vault.put_stream(now.size, opened.source, deferred=True)
            found = _digests(opened, digests, said)
    except ChangedWhileRead:
        return unread(Reason.CHANGED_WHILE_READ)
    except SourceUnavailable:
        return unread(Reason.UNAVAILABLE)
    listed |= {"size": digests.size, "modified_ms": now.modified_ns // 1_000_000}
    row = {**listed, "sha256": digests.sha256, "sha1": digests.sha1, "md5": digests.md5}
    return produced({"received": [row], "claims": [_claim_row(c, found) for c in said]})


def _digests(opened: Opened, taken: Digests, said: Sequence[Claimed]) -> dict[str, str]:
    """Digests in hex to hold claims against: those of every file, and others that are claimed, by one more reading."""
    found = {"sha256": taken.sha256.hex(), "sha1": taken.sha1.hex(), "md5": taken.md5.hex()}
    wanted = {a for c in said for a, _ in c.digests} & OTHER_DIGESTS
    if not wanted:
        return found
    hashers = {a: hashlib.new(a) for a in (*wanted, "sha256")}
    for piece in opened.pieces():
        for hasher in hashers.values():
            hasher.update(piece)
    if hashers["sha256"].digest() != taken.sha256:
        raise ChangedWhileRead("the file changed between two readings")
    return found | {a: h.hexdigest() for a, h in hashers.items()}


def _claim_row(claimed: Claimed, found: Mapping[str, str]) -> Row:
    """A claim as a row, each digest held against the one that was found."""
    digests = [{"algorithm": a, "value": v, "agrees": v == found[a] if a in found else None}
               for a, v in claimed.digests]  # fmt: skip
    plain = {n: getattr(claimed, n) for n in ("list", "row", "role", "maker", "number", "last_number", "parent_number",
                                              "custody", "deviation")}  # fmt: skip
    fields = [{"name": n, "value": v} for n, v in claimed.fields]
    texts = [{"role": r, "maker": m, "text": t} for r, m, t in claimed.texts]
    return {**plain, "digests": digests or None, "fields": fields or None, "texts": texts or None}


def _seal(holding: Holding, row: AccessionRow) -> None:
    """State the root over all received files.

    The same root from the same source is refused; from another source it corroborates.
    """
    received = (holding.parts.frame(STAGE.name, "received", s.number) for s in holding.catalogue.shards(row.number))
    read = [frame.select("path", "sha256").drop_nulls("sha256") for frame in received if frame.height]
    files = pl.concat(read).sort("path", "sha256") if read else pl.DataFrame()  # 100 bytes a file, of perhaps millions
    found = accession_root(files.iter_rows())
    if found == row.root:
        return
    same = [a for a in holding.catalogue.accessions() if a.root == found and a.number != row.number and files.height]
    refused = next((a.number for a in same if a.source == row.source and a.state != "refused"), None)
    corroborated = [a.number for a in same if a.source != row.source]
    body = {"root": found, "read": files.height, "received": row.received, "same_as": refused,
            "corroborates": corroborated}  # fmt: skip
    if (account := claim_account(holding, row.number)) is not None:
        body["claims"] = account.plain()
    if row.state == "sealed":  # files were read that had failed before; what is processed is not refused any more
        refused = None
    kind = "refused" if refused else "sealed"
    event = holding.record.event(kind, row.number, body)
    same_as = refused or (corroborated[0] if corroborated else None)
    holding.catalogue.change_accession(row.number, event, state=kind, root=found, same_as=same_as)
    holding.record.drain()
