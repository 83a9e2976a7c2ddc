"""Rebuilding the catalogue from parts, events and log.

Here: what each attestation in the log says, in the log's order, as catalogue rows.
Not here: the catalogue's tables (storage/catalogue). The outbox is not given back: what never came into the log was
never claimed, and its work is done again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from iimm_pipelines.accessions.corrections import corrected_columns
from iimm_pipelines.accessions.holds import HOLD_EVENTS, HoldKind, hold_of
from iimm_pipelines.accessions.numbers import LAST_PLACE, SPILL_ITEMS, Accession, Shard, spilled_place
from iimm_pipelines.accessions.shards import SPILLED
from iimm_pipelines.accessions.sources import SOURCE_CORRECTED, SOURCE_REGISTERED
from iimm_pipelines.custody import attestation
from iimm_pipelines.custody.attestation import AttestationInvalid, CustodyEvent, Processing
from iimm_pipelines.custody.canonical import canonical
from iimm_pipelines.holding import Holding
from iimm_pipelines.storage.catalogue import AccessionRow, EventRow, HoldRow, PartRow, ShardRow, SourceRow


def rebuild(holding: Holding) -> int:
    """Fill an empty catalogue; returns how many attestations were read.

    Raises:
        CatalogueError: the catalogue is not empty.
        AttestationInvalid: an attestation that the log names does not hold; `iimm verify` names it.
    """
    where = _attestation_files(holding)
    size = (holding.proof.log.checkpoint() or _nothing).size
    order = [e.hex() for e in holding.proof.log.entries(0, size)]
    accessions: dict[str, AccessionRow] = {}
    shards: dict[str, ShardRow] = {}
    sources: dict[str, SourceRow] = {}
    holds: dict[str, HoldRow] = {}
    held_shards: list[tuple[str, str]] = []
    events: list[EventRow] = []
    parts: dict[str, PartRow] = {}
    first: dict[str, None] = {}
    for digest in order:
        if digest not in where:
            raise AttestationInvalid(
                f"log entry {digest[:16]}… has no attestation here; `iimm verify` names what is missing"
            )
        said = attestation.read(where[digest].read_bytes(), holding.proof.verifier)
        if isinstance(said, Processing):
            first.setdefault(said.key)
            parts.pop(said.key, None)  # it became current again
            parts[said.key] = _part(holding, said, digest)
        else:
            events.append(EventRow(digest, said.about, said.sequence, said.kind))
            if said.kind in HOLD_EVENTS:
                hold, concerned = hold_of(said)
                holds[hold.number] = hold
                held_shards += [(s, digest) for s in concerned]
            else:
                _apply(said, accessions, shards, sources)
    current = {(p.stage, p.shard, p.start): p.key for p in parts.values()}
    rows = [PartRow(**{f: getattr(p, f) for f in PartRow.__dataclass_fields__ if f != "current"},
                    current=current[p.stage, p.shard, p.start] == p.key) for p in parts.values()]  # fmt: skip
    live = [p for p in rows if p.current]
    given = _given(holding, rows, shards)
    holding.catalogue.restore(
        accessions=list(accessions.values()),
        shards=[replace(s, places=given[n][0], spilled=given[n][1]) for n, s in shards.items()],
        slices=[(p.stage, p.shard, p.start, p.end, p.retry) for p in live],
        parts=rows, objects=_objects(holding, [parts[k] for k in first], shards), attestations=order, events=events,
        sources=list(sources.values()),
        holds=[(h, _listed(holding, h)) for _, h in sorted(holds.items())], held_shards=held_shards,
    )  # fmt: skip
    return len(order)


class _Nothing:
    size = 0


_nothing = _Nothing()


def _attestation_files(holding: Holding) -> dict[str, Path]:
    files = [*holding.proof.events_folder.glob("*.dsse.json")]
    files += [p for s in holding.part_files.shards() for _, _, p in holding.part_files.attestations(s)]
    return {attestation.digest(p.read_bytes()).hex(): p for p in files}


def _part(holding: Holding, said: Processing, digest: str) -> PartRow:
    size = holding.part_files.path(said.stage, said.shard, said.key).stat().st_size
    return PartRow(key=said.key, stage=said.stage, shard=Shard(said.shard), start=said.slice_start, end=said.slice_end,
                   retry=said.retry, root=said.root, leaves=said.leaves, counts=said.counts, bytes=size,
                   seconds=(said.finished - said.started).total_seconds(), attestation=digest,
                   finished=said.finished.strftime("%Y-%m-%dT%H:%M:%SZ"))  # fmt: skip


def _apply(event: CustodyEvent, accessions: dict[str, AccessionRow], shards: dict[str, ShardRow],
           sources: dict[str, SourceRow]) -> None:  # fmt: skip
    """What an event means for the register."""
    about, body = event.about, event.body
    if event.kind == "registered":
        accessions[about] = AccessionRow(
            number=Accession(about), source=body["source"], basis=body["basis"], marks=tuple(body["marks"]),
            note=body["note"], folder=bytes.fromhex(body["folder"]), received=body["received"], bytes=body["bytes"],
            listing=body["listing"], state="registered", root=None, same_as=None, sample=body["sample"],
            registered_at=body["registered_at"], facts=canonical(body.get("facts", {})).decode(),
        )  # fmt: skip
        for s in body["shards"]:
            shards[s["number"]] = ShardRow(Shard(s["number"]), Accession(about), s["received"], s["received"])
    elif event.kind == SPILLED:
        shards[body["shard"]] = ShardRow(Shard(body["shard"]), Accession(about), 0, SPILL_ITEMS,
                                         origin=Shard(body["from"]), nth=body["nth"])  # fmt: skip
    elif event.kind in ("sealed", "refused"):
        same = body.get("same_as") or next(iter(body["corroborates"]), None)
        accessions[about] = _changed(accessions[about], state=event.kind, root=body["root"], same_as=same)
    elif event.kind == "urgency changed":
        accessions[about] = _changed(accessions[about], urgent=body["urgent"])
    elif event.kind == "marks changed":
        accessions[about] = _changed(accessions[about], marks=tuple(body["after"]))
    elif event.kind == "corrected":
        accessions[about] = _changed(accessions[about], **corrected_columns(accessions[about].facts, body["after"]))
    elif event.kind in (SOURCE_REGISTERED, SOURCE_CORRECTED):
        sources[body["code"]] = SourceRow(**{f: body[f] for f in SourceRow.__dataclass_fields__})


def _listed(holding: Holding, hold: HoldRow) -> Iterator[bytes]:
    if hold.kind == HoldKind.HASH_LIST and hold.released_at is None and hold.file is not None:
        yield from holding.hash_lists.read(hold.file)


def _changed(row: AccessionRow, **values: object) -> AccessionRow:
    return AccessionRow(**{**{f: getattr(row, f) for f in AccessionRow.__dataclass_fields__}, **values})


def _given(holding: Holding, parts: list[PartRow], shards: Mapping[str, ShardRow]) -> dict[str, tuple[int, int]]:
    """Places given out and members spilled, also by parts that others replaced: a number is never given again."""
    given = {n: (s.places, 0) for n, s in shards.items()}
    for part in parts:
        if part.stage == "contents":
            table = holding.part_files.arrow(part.stage, part.shard, part.key, ["numbers"])
            numbers = [n + 1 for numbers in table["numbers"].to_pylist() for n in numbers or ()]
            places, spilled = given[part.shard]
            here = max([places, *(n for n in numbers if n <= LAST_PLACE + 1)])
            given[part.shard] = here, max([spilled, *(n - LAST_PLACE - 1 for n in numbers)])
    return given


def _objects(holding: Holding, parts: list[PartRow],
             shards: Mapping[str, ShardRow]) -> Iterator[tuple[bytes, str, int]]:  # fmt: skip
    """Objects in the order in which they were first seen."""
    spills = {(s.origin, s.nth): n for n, s in shards.items()}
    for part in parts:
        if part.stage == "inventory":
            table = holding.part_files.arrow(part.stage, part.shard, part.key, ["place", "received"])
            for place, rows in zip(table["place"].to_pylist(), table["received"].to_pylist(), strict=True):
                if rows and rows[0]["sha256"] is not None:
                    yield rows[0]["sha256"], part.shard, place
        elif part.stage == "contents":
            table = holding.part_files.arrow(part.stage, part.shard, part.key, ["numbers", "members"])
            for numbers, members in zip(table["numbers"].to_pylist(), table["members"].to_pylist(), strict=True):
                for number, member in zip(numbers or (), members or (), strict=True):
                    away = spilled_place(number)
                    place = (part.shard, number) if away is None else (spills[part.shard, away[0]], away[1])
                    if number >= 0:
                        yield member["sha256"], *place
