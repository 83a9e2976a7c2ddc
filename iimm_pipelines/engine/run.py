"""The run of one stage over one shard: slices, keys, carrying over, computing, numbering members.

Here: what is to be done, what stands, what is carried, in which order.
Not here: worker processes (engine/workers), how a part comes to exist (engine/commit), intake (stages/inventory).
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from iimm_pipelines.accessions.holds import shut
from iimm_pipelines.accessions.items import FAMILY, Item, read_items
from iimm_pipelines.accessions.numbers import LAST_PLACE, SPILL_ITEMS, Number, Shard, accession_of, spilled_place
from iimm_pipelines.accessions.shards import spill_shards
from iimm_pipelines.custody.canonical import canonical
from iimm_pipelines.engine.commit import Provenance, commit, commit_again, sealed
from iimm_pipelines.engine.outcome import Kind, MadeFile, Outcome, Reason, ended
from iimm_pipelines.engine.sets import Membership, sets_here, write_bytes
from iimm_pipelines.engine.stage import Stage, Task, Upstream, part_key
from iimm_pipelines.engine.workers import Done, Workers, bug, checked
from iimm_pipelines.holding import Holding
from iimm_pipelines.storage.catalogue import PartRow, SliceRow
from iimm_pipelines.storage.parts import StoredOutcome
from iimm_pipelines.storage.vault import ObjectDamaged, ObjectMissing

MAX_DEPTH = 20
"""Containers in containers, deeper than any that people make; a file that holds itself ends here."""

_SHUT = b"kept shut"
"""Stands in a key and in an outcome's work for the decision that an item is not opened."""
_RECORD = (
    "captured_ms", "captured_text", "depth", "family", "modified_ms", "modified_text", "name",
    "object", "parent", "path", "relation", "size",
)  # fmt: skip
"""What a stage that works by item sees of it, and so what its work is named by."""
_MANY = 200
"""Items of which some will surely need what a worker can make ready beside its loading (Java: half a second)."""
Progress = Callable[[int], None]


class PromiseBroken(RuntimeError):
    """What came out does not add up to what went in."""


@dataclass(slots=True)
class StageReport:
    """What a run of a stage over a shard did. Items are counted once; `standing` needed nothing."""

    stage: str
    shard: Shard
    computed: int = 0
    carried: int = 0
    standing: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    bytes: int = 0
    seconds: float = 0.0
    parts: int = 0

    @property
    def items(self) -> int:
        """Items that the stage answered for."""
        return self.computed + self.carried + self.standing


def run_stage(holding: Holding, stage: Stage, shard: Shard, *, invocation: str = "",
              progress: Progress | None = None) -> StageReport:  # fmt: skip
    """Bring a stage up to date for a shard; the caller holds the shard's lease.

    Raises:
        PromiseBroken: outcomes out are not items in.
    """
    run = StageRun(holding, stage, shard, invocation, progress or (lambda _: None))
    with run:
        return run.all_slices()


def pending(holding: Holding, stage: Stage, shard: Shard) -> int:
    """How many items of a shard wait for this stage, as far as its inputs stand now."""
    run = StageRun(holding, stage, shard, "", lambda _: None)
    known = holding.catalogue.slices(stage.name, shard)
    end = known[-1].end if known else 0
    waiting = sum(i.place >= end for i in run.items)
    for piece in known:
        items = run.items_of(piece)
        current = run.current.get(piece.start)
        if current is None or current.key != run.key(piece, items, run.leaves(piece)):
            waiting += len(items)
    return waiting


class StageRun:
    """One stage over one shard, as a context: its workers end with it."""

    def __init__(self, holding: Holding, stage: Stage, shard: Shard, invocation: str, progress: Progress) -> None:
        accession = accession_of(shard)
        self.holding = holding
        self.stage = stage.with_hints(holding.hints_digest(accession, stage.hints)) if stage.hints else stage
        self.shard = shard
        self._accession = accession
        self.invocation = invocation
        self.progress = progress
        self._see_items()
        self._origin = holding.catalogue.shard(shard).origin
        self._members_moved = False
        self.current = {p.start: p for p in holding.catalogue.parts(shard, stage.name)}
        self.report = StageReport(stage.name, shard)
        self.hints = holding.hints(accession, stage.hints)
        self._workers: Workers | None = None
        self._open = ExitStack()

    def __enter__(self) -> StageRun:
        return self

    def __exit__(self, *error: Any) -> None:
        self._open.close()

    # slices

    def planned(self) -> list[SliceRow]:
        """The slices of this stage, written down at its first run; new ones only for places that are new."""
        known = self.holding.catalogue.slices(self.stage.name, self.shard)
        begin = known[-1].end if known else 0
        end = self.items[-1].place + 1 if self.items else 0
        if begin >= end:
            return known
        ranges, count, size, start = [], 0, 0, begin
        for item in self.items:
            if item.place < begin:
                continue
            if count and (count >= self.stage.slice_items or size + item.size > self.stage.slice_bytes):
                ranges.append((start, item.place))
                start, count, size = item.place, 0, 0
            count, size = count + 1, size + item.size
        ranges.append((start, end))
        self.holding.catalogue.write_slices(self.stage.name, self.shard, ranges)
        return self.holding.catalogue.slices(self.stage.name, self.shard)

    def all_slices(self) -> StageReport:
        """Every slice in order; a stage that makes items goes on until it makes no more."""
        done: set[int] = set()
        received = self.holding.catalogue.shard(self.shard).received
        while waiting := [s for s in self.planned() if s.start not in done]:
            for piece in waiting:
                if piece.end > received and self._members_moved:  # its items are members of what was just done anew
                    self._see_members()
                self._do(piece)
                done.add(piece.start)
            if self._members_moved:
                self._see_members()
        answered = sum(p.leaves for p in self.holding.catalogue.parts(self.shard, self.stage.name))
        if answered != len(self.items):
            raise PromiseBroken(f"{self.stage.name} of {self.shard}: {answered} outcomes for {len(self.items)} items")
        return self.report

    def _see_members(self) -> None:
        self._see_items()
        self._members_moved = False

    def _see_items(self) -> None:
        self.items = read_items(self.holding.parts, self.shard)
        self._sets = sets_here(self.holding, self.shard, self.items) if self.stage.by_set else dict[int, Membership]()
        self._shut = frozenset() if self.stage.of_shut else self._kept_shut()

    def _kept_shut(self) -> frozenset[int]:
        """Places of items that are not opened: a set not either, of which one piece is not."""
        sets = {place for place, m in self._sets.items() if m.read and shut(self.holding, self._accession, m.read)}
        return shut(self.holding, self._accession, self.items) | sets

    def items_of(self, piece: SliceRow) -> list[Item]:
        """The items of a slice."""
        return [i for i in self.items if piece.start <= i.place < piece.end]

    # inputs and key

    def leaves(self, piece: SliceRow) -> dict[int, list[bytes]]:
        """For each place, the leaves of the earlier stages' outcomes, in the order of `reads`."""
        found: dict[int, list[bytes]] = defaultdict(list)
        for name in self.stage.reads:
            places = range(piece.start, piece.end)
            for table in self.holding.parts.columns(name, self.shard, ["place", "leaf"], places):
                for place, leaf in zip(table["place"].to_pylist(), table["leaf"].to_pylist(), strict=True):
                    found[place].append(leaf)
        return found

    def key(self, piece: SliceRow, items: Sequence[Item], leaves: Mapping[int, Sequence[bytes]]) -> str:
        """The key of the slice's part."""
        read = [x for i in items
                for x in (i.leaf, *self._set_in_key(i.place), *leaves.get(i.place, ()),
                          *((_SHUT,) if i.place in self._shut else ()))]  # fmt: skip
        return part_key(self.stage, self.shard, (piece.start, piece.end), read, piece.retry)

    def _set_in_key(self, place: int) -> tuple[bytes, ...]:
        member = self._sets.get(place)
        return () if member is None else (member.work, *member.leaves)

    # one slice

    def _do(self, piece: SliceRow) -> None:
        items = self.items_of(piece)
        leaves = self.leaves(piece)
        key = self.key(piece, items, leaves)
        current = self.current.get(piece.start)
        if current is not None and current.key == key:
            self.report.standing += len(items)
            self.report.kinds.update({k: n for k, n in current.counts.items() if k in set(Kind)})
            self.progress(len(items))
            return
        started = datetime.now(UTC)
        inputs_by_part = self._input_parts(piece)
        made = Provenance(key, started, self.invocation, inputs_by_part)
        former = self.holding.catalogue.part(key)
        if former is not None:  # a change was taken back
            self._count(commit_again(self.holding, self.stage, self.shard, piece, former, made))
            self._members_moved |= self.stage.makes_items
            self.progress(len(items))
            return
        tasks = self._tasks(piece, items)
        own = self._earlier(key, current)
        outcomes = self._outcomes(piece, items, tasks, leaves, own, current)
        numbered, given = self._numbered(outcomes, own) if self.stage.makes_items else (outcomes, None)
        objects = self._places_of_objects(numbered, given[1] if given else 0)
        part = commit(self.holding, self.stage, self.shard, piece, numbered, made, given=given, objects=objects)
        self._members_moved |= any(o.numbers for o in (*numbered, *own.values()))  # of most slices there are none
        self._count(part)

    def _earlier(self, key: str, current: PartRow | None) -> dict[int, StoredOutcome]:
        """What was said of these items before; a part of the very same key, if there was one, comes first."""
        own: dict[int, StoredOutcome] = {}
        for part in (current, self.holding.catalogue.part(key)):
            if part is not None:
                own.update({o.place: o for o in self.holding.parts.outcomes(part)})
        return own

    def _count(self, part: PartRow) -> None:
        self.report.computed += part.counts["computed"]
        self.report.carried += part.counts["carried"]
        self.report.kinds.update({k: n for k, n in part.counts.items() if k in set(Kind)})
        self.report.bytes += part.bytes
        self.report.seconds += part.seconds
        self.report.parts += 1

    def _input_parts(self, piece: SliceRow) -> list[tuple[str, str]]:
        names = self.stage.reads or ("inventory",)
        parts = [p for n in names for p in self.holding.catalogue.parts(self.shard, n)
                 if p.start < piece.end and p.end > piece.start]  # fmt: skip
        if self._origin is not None and not self.stage.reads:  # its items came out of containers in another shard
            parts = self.holding.catalogue.parts(self._origin, self.stage.name)
        return [(f"{p.stage}/{p.shard}/{p.start}", p.root) for p in parts]

    def _tasks(self, piece: SliceRow, items: Sequence[Item]) -> list[tuple[Task, bytes]]:
        """Each item as the stage gets it, with the digest of what it is made from."""
        upstream = {n: self.holding.parts.read(n, self.shard, range(piece.start, piece.end)) for n in self.stage.reads}
        tasks = []
        for item in items:
            read = {n: upstream[n][item.place] for n in self.stage.reads if item.place in upstream[n]}
            record = _record(item) if self.stage.by_item else {}
            work = hashlib.sha256(b"" if item.object is None else item.object)
            if self.stage.by_item:
                work.update(canonical(record))
            member = self._sets.get(item.place)
            suffix = _suffix(item.path) if self.stage.by_suffix else b""
            if member is not None:
                suffix = suffix if member.suffix is None else member.suffix
                work.update(member.work)
            work.update(suffix)
            if item.place in self._shut:
                work.update(_SHUT)
            for name in self.stage.reads:
                work.update(read[name].content if name in read else b"\0" * 32)
            seen = {n: Upstream(Kind(o.kind), Reason(o.reason) if o.reason else None, o.tables)
                    for n, o in read.items()}  # fmt: skip
            size = sum(p.size for p in member.read) if member is not None and member.read else item.size
            tasks.append((Task(item=item.number, place=item.place, object=item.object or b"", size=size, suffix=suffix,
                               upstream=seen, record=record, hints=self.hints, set=None if member is None else member.of),
                          work.digest()))  # fmt: skip
        return tasks

    def _outcomes(self, piece: SliceRow, items: Sequence[Item], tasks: Sequence[tuple[Task, bytes]],
                  leaves: Mapping[int, Sequence[bytes]], own: Mapping[int, StoredOutcome],
                  current: PartRow | None) -> list[StoredOutcome]:  # fmt: skip
        """Carry over what can be, compute the rest, one outcome for each item."""
        again = piece.retry_reasons if current is None or piece.retry > current.retry else frozenset()
        elsewhere = self._elsewhere(items)
        known = {i.number: i for i in self.items} if self.stage.makes_items else {}
        inputs = {i.place: (i.leaf, *self._leaves_of_set(i), *leaves.get(i.place, ())) for i in items}
        works = {task.place: work for task, work in tasks}
        found: dict[int, StoredOutcome] = {}
        wanted: dict[bytes, list[Task]] = defaultdict(list)

        def answer(task: Task, outcome: Outcome, *, carried: bool = False, took_us: int = 0, attempts: int = 1) -> None:
            """Seal an outcome at once, while workers are at the next."""
            found[task.place] = sealed(self.holding, self.stage, item=task.item, place=task.place, outcome=outcome,
                                       inputs=inputs[task.place], work=works[task.place], carried=carried,
                                       took_us=took_us, attempts=attempts)  # fmt: skip

        for item, (task, work) in zip(items, tasks, strict=True):
            before = own.get(item.place)
            if self.stage.makes_items and _too_deep(
                item, known
            ):  # before anything is carried: the same object may stand higher up
                answer(task, ended(Reason.LIMIT_REACHED))
            elif before is not None and before.reason not in again and self._same(before, work):
                answer(task, _as_outcome(before), carried=True, took_us=before.took_us, attempts=before.attempts)
            elif (other := elsewhere.get(item.place)) is not None and self._same(other, work) and _lasts(other):
                answer(task, _as_outcome(other), carried=True, took_us=other.took_us, attempts=other.attempts)
            elif (final := self._without_work(item, task)) is not None:
                answer(task, final)
            else:
                wanted[work].append(task)
        self.progress(len(found))
        for (first, *copies), done in self._computed(list(wanted.values())):
            answer(first, done.outcome, took_us=done.took_us, attempts=done.attempts)
            for copy in copies:
                answer(copy, done.outcome, carried=True, took_us=done.took_us, attempts=done.attempts)
            self.progress(1 + len(copies))
        return [found[i.place] for i in items]

    def _leaves_of_set(self, item: Item) -> Iterator[bytes]:
        """Leaves of the other items of its set that it is answered from; members of one container have the same."""
        member = self._sets.get(item.place)
        return (leaf for leaf in (member.leaves if member is not None else ()) if leaf != item.leaf)

    def _same(self, before: StoredOutcome, work: bytes) -> bool:
        return before.work == work and before.recipe == self.stage.recipe(before.used)

    def _without_work(self, item: Item, task: Task) -> Outcome | None:
        """The outcome of an item that needs no worker."""
        if item.object is None:
            return ended(Reason.NO_INPUT, frozenset())
        if item.place in self._shut:
            return ended(Reason.KEPT_SHUT, frozenset())
        try:
            final = self.stage.triage(task)
            return None if final is None else checked(self.stage, final)
        except Exception as error:  # stage code over rows that evidence made: it may fail on one item, not on all
            return bug(error)

    def _elsewhere(self, items: Sequence[Item]) -> dict[int, StoredOutcome]:
        """Outcomes of this stage for the same objects where they were seen first."""
        if self.stage.by_item:
            return {}
        seen = self.holding.catalogue.first_seen([i.object for i in items if i.object is not None])
        asked: dict[Shard, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
        for item in items:
            first = seen.get(item.object) if item.object is not None else None
            if first is not None and first != (self.shard, item.place):
                asked[first[0]][first[1]].append(item.place)
        found: dict[int, StoredOutcome] = {}
        for shard, places in asked.items():
            for part in self.holding.catalogue.parts(shard, self.stage.name):
                inside = [p for p in places if part.start <= p < part.end]
                if inside:
                    there = {o.place: o for o in self.holding.parts.outcomes(part)}
                    found.update({mine: there[p] for p in inside if p in there for mine in places[p]})
        return found

    def _computed(self, groups: Sequence[Sequence[Task]]) -> Iterator[tuple[Sequence[Task], Done]]:
        """The outcome of each group of tasks with the same work; files that workers made go into the vault."""
        if not groups:
            return
        unreadable: dict[str, Reason] = {}

        def stage_bytes(task: Task, path: Path) -> None:
            try:
                write_bytes(self.holding.vault, task.object, task.set, path)
            except (ObjectMissing, ObjectDamaged):  # our copy is at fault, not the evidence: a backup mends it
                unreadable[task.item] = Reason.UNAVAILABLE
                if not path.exists():
                    path.touch()

        by_item = {g[0].item: g for g in groups}
        stored = False
        for task, done in self._pool(len(groups)).run([g[0] for g in groups], stage_bytes):
            if task.item in unreadable:
                done = Done(ended(unreadable[task.item]), 0, done.attempts)
            elif done.outcome.files:
                done = Done(self._kept(done.outcome), done.took_us, done.attempts)
                stored = True
            yield by_item[task.item], done
        if stored:
            self.holding.vault.sync()

    def _pool(self, items: int) -> Workers:
        if self._workers is None:
            settings = self.holding.settings
            scratch = self._open.enter_context(self.holding.scratch(f"{self.shard}-{self.stage.name}"))
            workers = Workers(self.stage, processes=settings.workers, models=self.holding.models, scratch=scratch,
                              memory=settings.worker_memory, crash_loop=settings.crash_loop)  # fmt: skip
            self._workers = self._open.enter_context(workers)
            if items >= _MANY:
                self._workers.start()
        return self._workers

    def _kept(self, outcome: Outcome) -> Outcome:
        """The outcome with its files in the vault and their digests in its rows: a container may have a million."""
        made: MadeFile
        for made in outcome.files:
            digests = self.holding.vault.put_file(made.path, deferred=True)
            row = outcome.tables[made.table][made.row]
            assert isinstance(row, dict)  # it came out of a worker, and is nobody else's
            row.update(sha256=digests.sha256, sha1=digests.sha1, md5=digests.md5, size=digests.size)
        return replace(outcome, files=())

    # numbers of members

    def _numbered(self, outcomes: Sequence[StoredOutcome],
                  before: Mapping[int, StoredOutcome]) -> tuple[list[StoredOutcome], tuple[int, int]]:  # fmt: skip
        """Give each member a place: the one that it had, the next of the shard, or, where that is full, of new shards.

        Returns also how many places of the shard are given out then, and how many members it spilled.
        """
        row = self.holding.catalogue.shard(self.shard)
        following, spilled = row.places, row.spilled
        full = SPILL_ITEMS + (row.received if row.origin is None else SPILL_ITEMS)
        numbered = []
        for outcome in outcomes:
            members = outcome.tables.get("members") or ()
            known = _known_numbers(before.get(outcome.place))
            numbers = []
            for identity, member in _identities(members):
                if member.get("sha256") is None:
                    numbers.append(-1)
                elif identity in known:
                    numbers.append(known[identity])
                elif member["relation"] not in FAMILY and following >= full:
                    numbers.append(LAST_PLACE + 1 + spilled)
                    spilled += 1
                elif following > LAST_PLACE:
                    numbers.append(-1)
                else:
                    numbers.append(following)
                    following += 1
            numbered.append(self._with_numbers(outcome, numbers))
        return numbered, (following, spilled)

    def _places_of_objects(self, outcomes: Sequence[StoredOutcome], spilled: int) -> list[tuple[bytes, Shard, int]]:
        """Digest, shard and place of each member; shards that take what this one spills stand before the part does."""
        shards = spill_shards(self.holding, self.shard, spilled)
        found = []
        for outcome in outcomes:
            for number, member in zip(outcome.numbers or (), outcome.tables.get("members") or (), strict=True):
                away = spilled_place(number)
                if number >= 0:
                    place = (self.shard, number) if away is None else (shards[away[0]], away[1])
                    found.append((member["sha256"], *place))
        return found

    def _with_numbers(self, outcome: StoredOutcome, numbers: Sequence[int]) -> StoredOutcome:
        if not numbers:
            return outcome
        full = any(n < 0 and m.get("sha256") is not None
                   for n, m in zip(numbers, outcome.tables["members"], strict=True))  # fmt: skip
        said = _as_outcome(outcome)
        if full:
            said = ended(Reason.LIMIT_REACHED, tables=said.tables)
        return sealed(self.holding, self.stage, item=outcome.item, place=outcome.place, outcome=said,
                      inputs=outcome.inputs, work=outcome.work, numbers=numbers, carried=outcome.carried,
                      took_us=outcome.took_us, attempts=outcome.attempts)  # fmt: skip


def _too_deep(item: Item, known: Mapping[Number, Item]) -> bool:
    """Whether an item lies deeper than people pack, or inside itself: some archives are made to be endless.

    What lies in another shard is not looked at: an archive that holds itself still ends at the greatest depth.
    """
    here: Item | None = item
    while here is not None and here.depth and here.parent is not None:  # a received file with a parent lies in none
        here = known.get(here.parent)
        if here is not None and here.object == item.object:
            return True
    return item.depth >= MAX_DEPTH


def _record(item: Item) -> dict[str, Any]:
    return {name: getattr(item, name) for name in _RECORD} | {"item": item.number}


def _suffix(path: bytes) -> bytes:
    """The suffix of a file name with its dot, lower case; nothing where it has none that anybody would call one."""
    name = path.rsplit(b"/", 1)[-1]
    suffix = name[name.rfind(b".") :].lower() if b"." in name[1:] else b""
    return suffix if len(suffix) <= 8 else b""


def _as_outcome(stored: StoredOutcome) -> Outcome:
    return Outcome(Kind(stored.kind), Reason(stored.reason) if stored.reason else None, stored.tables, stored.used, (),
                   stored.detail)  # fmt: skip


def _lasts(other: StoredOutcome) -> bool:
    """Whether another item's outcome can serve: a failure that trying again may mend stays its own."""
    return other.reason is None or not Reason(other.reason).again


def _identities(members: Sequence[Mapping[str, Any]]) -> Iterator[tuple[tuple[str, bytes, int], Mapping[str, Any]]]:
    """Each member with what tells it from the others: relation, path, and which of those with this path it is."""
    seen: Counter[tuple[str, bytes]] = Counter()
    for member in members:
        name = (str(member["relation"]), bytes(member.get("path") or b""))
        yield (*name, seen[name]), member
        seen[name] += 1


def _known_numbers(before: StoredOutcome | None) -> dict[tuple[str, bytes, int], int]:
    if before is None or before.numbers is None:
        return {}
    members = before.tables.get("members") or ()
    return {identity: number for number, (identity, _) in zip(before.numbers, _identities(members), strict=True)
            if number >= 0}  # fmt: skip


def inputs_again(holding: Holding, stage: Stage, part: PartRow) -> Iterator[tuple[Task, StoredOutcome]]:
    """The tasks of a part that was committed, as the stage saw them, each with its outcome."""
    run = StageRun(holding, stage, Shard(part.shard), "", lambda _: None)
    piece = SliceRow(part.start, part.end, part.retry, frozenset())
    outcomes = {o.place: o for o in holding.parts.outcomes(part)}
    for task, _ in run._tasks(piece, run.items_of(piece)):
        if task.place in outcomes:
            yield task, outcomes[task.place]
