"""Verification of a holding: log, attestations, parts, events, listings, vault, log of access and record of work held against each other.

Here: every check that needs nothing but the files and the public key; each fault is named by what it is about.
Not here: the catalogue and the index, which are made from these (assets' checks hold them against the log).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from iimm_pipelines.accessions.holds import PLACED
from iimm_pipelines.accessions.numbers import Shard, accession_of, item_number, spilled_place
from iimm_pipelines.custody import attestation
from iimm_pipelines.custody.attestation import AttestationInvalid, CustodyEvent, Processing
from iimm_pipelines.custody.canonical import NotCanonical
from iimm_pipelines.custody.leaf import content_data, seal
from iimm_pipelines.custody.log import LogDamaged, LogForked, LogRolledBack
from iimm_pipelines.custody.merkle import root
from iimm_pipelines.custody.note import CheckpointInvalid, read_checkpoint
from iimm_pipelines.holding import Holding
from iimm_pipelines.people import access_log
from iimm_pipelines.people.access_log import Anchor
from iimm_pipelines.recovery.standing import anchors_in
from iimm_pipelines.storage.parts import PartDamaged, StoredOutcome, read_outcomes
from iimm_pipelines.storage.vault import ObjectDamaged, ObjectMissing
from iimm_pipelines.work import record as work


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that does not hold. `where` names it so that a person can go there."""

    kind: str
    where: str
    what: str


@dataclass(slots=True)
class Verdict:
    """What was checked, how much of it, and every fault."""

    checked: Counter[str] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)
    size: int = 0
    root: str = ""

    @property
    def valid(self) -> bool:
        """Whether everything held."""
        return not self.faults


def verify(holding: Holding, *, checkpoint: Path | None = None, objects: bool = True) -> Verdict:
    """Check a holding; `checkpoint` is one that was kept outside the data folder, and shows a rollback.

    Memory grows with the largest shard and with the number of parts, not with items.
    """
    verdict = Verdict()
    entries = _check_log(holding, checkpoint, verdict)
    seen = _check_events(holding, entries, verdict)
    spilling: set[bytes] = set()
    elsewhere: dict[tuple[str, bytes], str] = {}
    for shard in holding.part_files.shards():  # by number: a shard stands before those that it spilled into
        seen |= _check_shard(holding, shard, entries, verdict, spilling, elsewhere, objects=objects)
    _check_elsewhere(holding, elsewhere, entries, verdict)
    for entry in entries - seen:
        verdict.faults.append(Fault("attestation", f"log entry {entry.hex()[:16]}…",
                                    "the log names an attestation that is not there as it was signed"))  # fmt: skip
    return verdict


def _check_log(holding: Holding, old: Path | None, verdict: Verdict) -> set[bytes]:
    log = holding.proof.log
    verdict.faults.extend(Fault("log", "custody/log", said) for said in log.check())
    try:
        now = log.checkpoint()
        verdict.size, verdict.root = (now.size, now.root.hex()) if now else (0, "")
        if old is not None:
            kept = read_checkpoint(old.read_text(encoding="utf-8"), holding.proof.verifier, log.origin)
            log.prove_extends(kept)
            verdict.checked["kept checkpoints"] += 1
    except (LogRolledBack, LogForked) as wrong:
        verdict.faults.append(Fault("rollback", "custody/log", str(wrong)))
    except (LogDamaged, CheckpointInvalid, OSError, UnicodeDecodeError) as wrong:
        verdict.faults.append(Fault("log", "custody/log", str(wrong)))
    try:
        entries = set(log.entries(0, verdict.size))
    except (LogDamaged, CheckpointInvalid):  # named above
        entries = set()
    if not verdict.size and holding.part_files.shards():
        verdict.faults.append(Fault("log", "custody/log", "there are parts, and no log that names them"))
    verdict.checked["log entries"] = len(entries)
    return entries


def _check_events(holding: Holding, entries: set[bytes], verdict: Verdict) -> set[bytes]:
    """Custody events: signed, in the log, chained without a gap; listings as they were registered."""
    seen: set[bytes] = set()
    chains: dict[str, dict[int, tuple[str, CustodyEvent]]] = {}
    for path in sorted(holding.proof.events_folder.glob("*.dsse.json")):
        where = f"event {path.name[:16]}…"
        try:
            event = attestation.read(envelope := path.read_bytes(), holding.proof.verifier)
        except AttestationInvalid as wrong:
            verdict.faults.append(Fault("event", where, str(wrong)))
            continue
        digest = attestation.digest(envelope)
        if not isinstance(event, CustodyEvent) or path.name != f"{digest.hex()}.dsse.json":
            verdict.faults.append(Fault("event", where, "its name is not its digest"))
            continue
        if digest not in entries:  # signed by a run that died before its transaction: it never took effect
            verdict.checked["orphans"] += 1
            continue
        seen.add(digest)
        verdict.checked["custody events"] += 1
        if event.sequence in chains.setdefault(event.about, {}):
            verdict.faults.append(
                Fault("event", event.about, f"there are two custody events {event.sequence} in its chain")
            )
        chains[event.about][event.sequence] = (digest.hex(), event)
    events = [e for chain in chains.values() for _, e in chain.values()]
    _check_access_log(holding, anchors_in(events), verdict)
    _check_work(holding, anchors_in(events, "work"), verdict)
    for about, chain in chains.items():
        verdict.faults.extend(_chain_faults(about, chain))
        listing = chain[0][1].body.get("listing") if 0 in chain else None
        if listing is not None and (
            not holding.listings.path(about).exists() or holding.listings.digest(about) != listing
        ):
            verdict.faults.append(Fault("listing", about, "it is not the listing that was registered"))
        claims = chain[0][1].body.get("claims") if 0 in chain else None
        if claims is not None and holding.listings.claims_digest(about) != claims["digest"]:
            verdict.faults.append(Fault("listing", about, "what lists claim of it is not what was registered"))
        files = {f for _, e in chain.values() if e.kind == PLACED and (f := e.body["hold"].get("file")) is not None}
        verdict.faults.extend(Fault("hash list", about, "it is not the list by which items are kept shut")
                              for f in sorted(files) if not holding.hash_lists.holds(f))  # fmt: skip
    return seen


def _check_access_log(holding: Holding, anchors: Sequence[Anchor], verdict: Verdict) -> None:
    """The log of access, as `iimm access-log verify` checks it; here held against the anchors in signed events alone."""
    checked = access_log.verify(holding.settings.data / "access-log", anchors)
    verdict.checked["lines of the log of access"] = checked.lines
    if checked.fault is not None:
        where = f"access-log/{checked.fault.file}, line {checked.fault.line}"
        verdict.faults.append(Fault("log of access", where, checked.fault.why))


def _check_work(holding: Holding, anchors: Sequence[Anchor], verdict: Verdict) -> None:
    """What people decided: chained, signed, and as backups noted it."""
    checked = work.check(holding.settings.data / work.FOLDER, holding.proof.verifier, anchors)
    verdict.checked["rows of work"] = checked.lines
    if checked.fault is not None:
        where = f"{work.FOLDER}/{checked.fault.file}, line {checked.fault.line}"
        verdict.faults.append(Fault("record of work", where, checked.fault.why))


def _chain_faults(about: str, chain: dict[int, tuple[str, CustodyEvent]]) -> Iterator[Fault]:
    previous: str | None = None
    for sequence in range(max(chain) + 1):
        if sequence not in chain:
            yield Fault("event", about, f"custody event {sequence} is missing from its chain")
            previous = None
            continue
        digest, event = chain[sequence]
        if event.previous != previous and previous is not None:
            yield Fault("event", about, f"custody event {sequence} does not follow the one before it")
        previous = digest


def _check_shard(holding: Holding, shard: str, entries: set[bytes], verdict: Verdict, spilling: set[bytes],
                 elsewhere: dict[tuple[str, bytes], str], *, objects: bool) -> set[bytes]:  # fmt: skip
    """Check a shard's parts; `spilling` collects the leaves from which items of later shards come.

    `elsewhere` collects inputs that must stand in another shard of the accession, by accession and leaf.
    """
    seen: set[bytes] = set()
    leaves: set[bytes] = set()
    wanted: list[tuple[str, tuple[bytes, ...]]] = []
    held: set[bytes] = set()
    for stage, key, path in holding.part_files.attestations(shard):
        where = f"{stage} {shard} {key[:16]}…"
        envelope = path.read_bytes()
        digest = attestation.digest(envelope)
        try:
            said = attestation.read(envelope, holding.proof.verifier)
        except AttestationInvalid as wrong:
            verdict.faults.append(Fault("attestation", where, str(wrong)))
            continue
        if digest not in entries:
            verdict.checked["orphans"] += 1
            continue
        seen.add(digest)
        if not isinstance(said, Processing) or (said.stage, said.shard, said.key) != (stage, shard, key):
            verdict.faults.append(Fault("attestation", where, "it is about another part"))
            continue
        outcomes = _check_part(holding, said, where, verdict)
        for outcome in outcomes:
            leaves.add(outcome.leaf)
            if any(map(spilled_place, outcome.numbers or ())):
                spilling.add(outcome.leaf)
            if stage != "inventory":  # whose inputs are the lines of the listing
                wanted.append((f"{stage} {outcome.item}", outcome.inputs))
            held.update(r["sha256"] for t in ("received", "members") for r in outcome.tables.get(t, ())
                        if r.get("sha256") is not None)  # fmt: skip
    for where, inputs in wanted:
        elsewhere.update({(accession_of(shard), i): where for i in inputs if i not in leaves and i not in spilling})
    if objects:
        _check_objects(holding, held, verdict)
    return seen


def _check_elsewhere(
    holding: Holding, wanted: dict[tuple[str, bytes], str], entries: set[bytes], verdict: Verdict
) -> None:
    """Inputs from received files of another shard: pieces of a container that is read at one of them."""
    for accession in {a for a, _ in wanted}:
        for shard in (s for s in holding.part_files.shards() if accession_of(s) == accession):
            for stage, key, path in holding.part_files.attestations(shard):
                if stage == "inventory" and attestation.digest(path.read_bytes()) in entries:
                    for leaf in _leaves(holding, stage, shard, key):
                        wanted.pop((accession, leaf), None)
    for where in sorted(set(wanted.values())):
        verdict.faults.append(Fault("lineage", where, "it names an input that no part of its accession holds"))


def _leaves(holding: Holding, stage: str, shard: str, key: str) -> list[bytes]:
    try:
        found: list[bytes] = holding.part_files.arrow(stage, shard, key, ["leaf"])["leaf"].to_pylist()
    except PartDamaged:  # named where its own shard was checked
        return []
    return found


def _check_part(holding: Holding, said: Processing, where: str, verdict: Verdict) -> list[StoredOutcome]:
    try:
        outcomes = read_outcomes(holding.part_files.arrow(said.stage, said.shard, said.key))
    except PartDamaged as wrong:
        verdict.faults.append(Fault("part", where, str(wrong)))
        return []
    verdict.checked["parts"] += 1
    verdict.checked["outcomes"] += len(outcomes)
    wrong_items = [o.item for o in outcomes if not _as_signed(said, o)]
    for item in wrong_items:
        verdict.faults.append(Fault("part", f"{where} {item}", "the outcome is not the one that was signed"))
    if root([o.leaf for o in outcomes]).hex() != said.root or len(outcomes) != said.leaves:
        verdict.faults.append(Fault("part", where, "its outcomes are not those that were signed"))
    elif holding.part_files.written(said.stage, said.shard, said.key).sha256 != said.file:
        verdict.faults.append(Fault("part", where, "bytes of its file changed, though no outcome that was signed"))
    return outcomes


def _as_signed(said: Processing, outcome: StoredOutcome) -> bool:
    """Whether an outcome has its leaf, and what stands beside the leaf says the same as the leaf."""
    try:
        content = content_data(outcome.kind, outcome.reason, outcome.tables)
        found = seal(item=outcome.item, stage=said.stage, recipe=outcome.recipe, inputs=outcome.inputs,
                     numbers=outcome.numbers, salt=outcome.salt, content=content)  # fmt: skip
    except NotCanonical:
        return False
    itself = outcome.item == item_number(Shard(said.shard), outcome.place)
    return itself and (found.leaf, found.content) == (outcome.leaf, outcome.content)


def _check_objects(holding: Holding, digests: set[bytes], verdict: Verdict) -> None:
    for digest in sorted(digests):
        try:
            holding.vault.check(digest)
            verdict.checked["objects"] += 1
        except ObjectMissing:
            verdict.faults.append(Fault("object", digest.hex()[:16] + "…", "it is not in the vault"))
        except ObjectDamaged:
            verdict.faults.append(
                Fault("object", digest.hex()[:16] + "…", "its bytes are not those that were received")
            )
