"""Near pairs: each picture of a shard against all fingerprints that were committed so far, in all shards.

Here: which items are compared with which, and the run over a shard.
Not here: the search (duplicates/hamming), whom an item names (duplicates/pairs), clusters (duplicates/clusters).

This stage runs in the parent, since it reads the parts of other shards; it sees hashes and no content. A part's key
comes from the shard's own fingerprints only, so that pairs stand when other shards come: a shard that comes later names
its pairs with the earlier ones. Which parts it was compared with, its attestation says. One run at a time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from functools import lru_cache

from iimm_pipelines.accessions.items import read_items
from iimm_pipelines.accessions.numbers import Shard
from iimm_pipelines.duplicates.pairs import Comparison, Fingerprints, Found, read_fingerprints
from iimm_pipelines.duplicates.pictures import PHASH
from iimm_pipelines.engine.outcome import Outcome, Reason, ended, produced
from iimm_pipelines.engine.run import StageReport, StageRun
from iimm_pipelines.engine.stage import Ingredient, Stage, Task
from iimm_pipelines.engine.workers import Done
from iimm_pipelines.holding import Holding
from iimm_pipelines.schema import PAIRS
from iimm_pipelines.storage.catalogue import SliceRow

FINGERPRINTS = "fingerprints"


def _in_the_parent(tool: object, task: Task) -> Outcome:
    raise TypeError("near_pairs runs in the parent, not in a worker: see run_near_pairs")


def without_fingerprint(task: Task) -> Outcome | None:
    """Triage: an item without a fingerprint."""
    upstream = task.upstream.get(FINGERPRINTS)
    return None if upstream and upstream.tables.get("fingerprints") else ended(Reason.NO_INPUT, frozenset())


STAGE = Stage(
    name="near_pairs",
    version=1,
    tables=(PAIRS,),
    reads=(FINGERPRINTS,),
    ingredients={
        "phash_pairs": Ingredient(parameters={
            # Two chance hashes of 32 set bits lie this near once in 40 million pairs. Measured: copies 0 to 4 bits
            # apart, different pictures 20 and more.
            "distance": 10,
            # A day of a fixed camera is one cluster: naming all would take pairs by the square of its pictures.
            "most": 1_000,
        }),
    },
    apply=_in_the_parent,
    triage=without_fingerprint,
    slice_items=5_000,
    slice_bytes=1 << 60,
    by_item=True,
)  # fmt: skip


def run_near_pairs(holding: Holding, stage: Stage, shard: Shard, invocation: str = "", *,
                   progress: Callable[[int], None] | None = None) -> StageReport:  # fmt: skip
    """Bring `near_pairs` up to date for a shard; the caller holds the shard's lease, and no other shard is run.

    Raises:
        PromiseBroken: outcomes out are not items in.
    """
    with _Comparing(holding, stage, shard, invocation, progress or (lambda _: None)) as run:
        return run.all_slices()


class _Comparing(StageRun):
    """A run whose work is a comparison in this process, all items of a slice at once."""

    _piece: SliceRow
    _named: list[tuple[str, str]]

    def _input_parts(self, piece: SliceRow) -> list[tuple[str, str]]:
        """The parts that the slice reads; those that it is compared with are added when it is."""
        self._piece = piece
        self._named = super()._input_parts(piece)
        return self._named

    def _computed(self, groups: Sequence[Sequence[Task]]) -> Iterator[tuple[Sequence[Task], Done]]:
        if not groups:
            return
        began = time.perf_counter_ns()
        found = self._compared({g[0].place for g in groups})
        each = (time.perf_counter_ns() - began) // 1000 // len(groups)
        for group in groups:
            yield group, Done(_said(found.get(group[0].place)), each, 1)

    def _compared(self, places: Set[int]) -> Mapping[int, Found]:
        every = self.holding.catalogue.parts(stage=FINGERPRINTS)
        own = [read_fingerprints(self.holding.parts, p) for p in every if p.shard == self.shard]
        new: dict[bytes, Fingerprints] = {}
        for part in own:
            for recipe, fingerprints in part.items():
                chosen = fingerprints.at(places)
                new[recipe] = new[recipe].and_more(chosen) if recipe in new else chosen
        comparison = Comparison(self.shard, new, self._objects(), **self.stage.ingredients["phash_pairs"].parameters)
        before = self._compared_before(places)
        named = set(self._named)
        for part_row in every:
            comparison.with_part(part_row.shard, read_fingerprints(self.holding.parts, part_row), before)
            name = (f"{part_row.stage}/{part_row.shard}/{part_row.start}", part_row.root)
            if name not in named:
                self._named.append(name)
        return comparison.found()

    def _compared_before(self, places: Set[int]) -> frozenset[int]:
        """Places of the own shard whose outcomes stand or are carried over: they will not name what is new."""
        standing = {i.place for i in self.items_of(self._piece)} - places
        for piece in self.holding.catalogue.slices(self.stage.name, self.shard):
            current = self.current.get(piece.start)
            if piece.start <= self._piece.start or current is None:
                continue
            items = self.items_of(piece)
            own = self._earlier(self.key(piece, items, self.leaves(piece)), current)
            again = piece.retry_reasons if piece.retry > current.retry else frozenset()
            for item, (_, work) in zip(items, self._tasks(piece, items), strict=True):
                said = own.get(item.place)
                if said is not None and said.reason not in again and self._same(said, work):
                    standing.add(item.place)
        return frozenset(standing)

    def _objects(self) -> Callable[[Shard], Mapping[int, bytes | None]]:
        @lru_cache(maxsize=8)
        def objects(shard: Shard) -> Mapping[int, bytes | None]:
            return {i.place: i.object for i in read_items(self.holding.parts, shard)}

        return objects


def _said(found: Found | None) -> Outcome:
    if found is None:
        return ended(Reason.NO_PAIRS)
    rows = {"pairs": [{"other": n.other, "method": PHASH, "distance": n.distance} for n in found.near]}
    return ended(Reason.LIMIT_REACHED, tables=rows) if found.more else produced(rows)
