"""One parameter of OCR changes on the whole sample: what is redone, and all that is not."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass

import pytest
from sample_journey import Journey

from iimm_pipelines.custody.verify import verify
from iimm_pipelines.holding import Holding
from iimm_pipelines.settings import load_settings
from iimm_pipelines.stages.graph import STAGES, bound, run
from iimm_pipelines.storage.parts import StoredOutcome

Outcomes = Mapping[tuple[str, str], StoredOutcome]
"""By stage and item."""
BEFORE_OCR_OR_BESIDE_IT = ("inventory", "contents", "malware", "transcripts", "given", "fingerprints", "near_pairs")
AFTER_OCR = ("languages", "translations", "entities", "search_index")


@dataclass(frozen=True)
class Change:
    """All outcomes before and after, and those of them that were computed for it."""

    before: Outcomes
    after: Outcomes
    computed: frozenset[tuple[str, str]]

    def moved(self, stage: str) -> set[bytes]:
        """The works of a stage that there were not before: its input is another."""
        works = {s: {o.work for (name, _), o in said.items() if name == stage}
                 for s, said in (("before", self.before), ("after", self.after))}  # fmt: skip
        return works["after"] - works["before"]

    def done(self, stage: str) -> set[bytes]:
        """The works of a stage that were computed."""
        return {self.after[name].work for name in self.computed if name[0] == stage}


@pytest.fixture(scope="module")
def change(journey: Journey, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Change]:
    """The sample's holding, copied, with Tesseract told to read English alone; the index is left alone."""
    data = tmp_path_factory.mktemp("changed") / "data"
    shutil.copytree(journey.data, data)
    with (data / "iimm.toml").open("a", encoding="utf-8") as settings:
        settings.write('[stages.recognised_text.tesseract]\nlanguages = "eng"\n')
    with closing(Holding(load_settings(data))) as holding:
        before, keys = outcomes(holding), {p.key for p in holding.catalogue.parts()}
        stages = bound(holding.settings)
        for shard in holding.catalogue.shards():
            for stage in stages.values():
                with holding.catalogue.lease(shard.number):
                    run(holding, stage, shard.number)
        holding.record.drain()
        assert verify(holding).valid
        anew = {(p.stage, o.item) for p in holding.catalogue.parts() if p.key not in keys
                for o in holding.parts.outcomes(p) if not o.carried}  # fmt: skip
        yield Change(before, outcomes(holding), frozenset(anew))


def outcomes(holding: Holding) -> Outcomes:
    return {(p.stage, o.item): o for p in holding.catalogue.parts() for o in holding.parts.outcomes(p)}


def test_all_that_was_recognised_and_nothing_else_is_recognised_anew(change: Change) -> None:
    works = {o.work for (s, _), o in change.before.items() if s == "recognised_text" and o.recipe in read_by(change)}
    assert change.done("recognised_text") == works
    assert len(works) > 5
    computed = Counter(stage for stage, _ in change.computed)
    assert {s: computed[s] for s in BEFORE_OCR_OR_BESIDE_IT} == dict.fromkeys(BEFORE_OCR_OR_BESIDE_IT, 0)


def read_by(change: Change) -> set[bytes]:
    """Recipes of OCR before, in which Tesseract had a part."""
    return {o.recipe for (s, _), o in change.before.items()
            if s == "recognised_text" and (o.used is None or "tesseract" in o.used)}  # fmt: skip


@pytest.mark.parametrize("stage", AFTER_OCR)
def test_what_follows_is_redone_where_the_text_became_another(change: Change, stage: str) -> None:
    assert change.done(stage) == change.moved(stage)
    assert 0 < len(change.moved(stage)) < len({o.work for (s, _), o in change.after.items() if s == stage}) / 2


def test_every_transcript_its_segments_and_their_translations_stand(change: Change) -> None:
    heard = {item for (s, item), o in change.before.items() if s == "transcripts" and o.kind == "produced"}
    counted = Counter[str]()
    for stage in ("transcripts", "languages", "translations", "entities"):
        for item in heard:
            before, after = change.before[stage, item], change.after[stage, item]
            assert (stage, item) not in change.computed
            assert (before.content, before.recipe, before.work) == (after.content, after.recipe, after.work)
            counted[stage] += sum(map(len, after.tables.values()))
    print(f"stood: {len(heard)} transcripts with rows {dict(counted)}")
    assert min(counted["transcripts"], counted["languages"]) >= len(heard) > 3


def test_all_stages_are_looked_at() -> None:
    assert {*BEFORE_OCR_OR_BESIDE_IT, *AFTER_OCR, "recognised_text"} == {"inventory", *(s.name for s in STAGES)}
