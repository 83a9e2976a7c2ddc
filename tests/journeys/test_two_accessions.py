"""The whole way through the command line alone: the sample's two accessions, in, searched, traced, verified."""

from __future__ import annotations

import tomllib

import pytest
from sample_journey import Journey
from small_evidence import iimm

from iimm_pipelines.sample.searches import SEARCHES, Search
from iimm_pipelines.stages.graph import STAGES

_NEEDS = {"spoken": "transcripts", "translated": "translations", "place": "entities"}
"""Searches that nothing but this stage can answer."""


def first_hit(journey: Journey, search: Search) -> str | None:
    more = ["--starter"] if search.starter else []
    hits = journey.iimm("search", search.query, "--as", search.reader, *more)["hits"]
    return hits[0]["item"] if hits else None


@pytest.mark.parametrize("search", SEARCHES, ids=lambda s: s.id)
def test_each_search_has_the_right_first_hit(journey: Journey, search: Search) -> None:
    stage = _NEEDS.get(search.id)
    if stage is not None and stage not in {s.name for s in STAGES}:
        pytest.skip(f"needs the stage {stage}")
    wanted = None if search.first_hit is None else journey.numbers["/".join([search.first_hit, *search.members])]
    assert first_hit(journey, search) == wanted


def test_what_the_analyst_may_not_see_the_lead_finds(journey: Journey) -> None:
    hidden = next(s for s in SEARCHES if s.hidden)
    hits = journey.iimm("search", hidden.query, "--as", "lead")["hits"]
    assert hits[0]["item"] == journey.numbers[str(hidden.hidden)]
    assert journey.iimm("search", hidden.query, "--as", "nobody") == {
        "facets": {},
        "hits": [],
        "suggestions": [],
        "total": 0,
    }


def test_every_received_file_and_item_is_accounted_for_by_every_stage(journey: Journey) -> None:
    status = journey.iimm("status")
    assert status["received"]["unfinished"] == status["items"]["unfinished"] == status["outbox"] == 0
    items = status["items"]["total"]
    for name, counts in status["stages"].items():
        assert sum(counts.values()) == (status["received"]["total"] if name == "inventory" else items), name
    assert journey.first["items"] == items
    assert journey.first["failed runs"] == []


def test_no_failure_is_a_bug_and_each_says_what_to_do(journey: Journey) -> None:
    failures = journey.iimm("failures")
    assert failures
    assert not [f for f in failures if f["reason"] == "bug"]
    assert all(f["what to do"] for f in failures)


def test_lineage_of_a_member_leads_to_its_receipt_with_every_step_in_the_log(journey: Journey) -> None:
    place = next(s for s in SEARCHES if s.members)
    number = journey.numbers["/".join([str(place.first_hit), *place.members])]
    told = journey.iimm("lineage", number)
    steps = [(s["stage"], s["item"]) for s in told["steps"]]
    assert ("search_index", number) in steps
    assert steps[-1] == ("inventory", journey.numbers[str(place.first_hit)])
    assert all(s["log_index"] is not None for s in told["steps"])
    assert [e["kind"] for e in told["events"]] == ["registered", "sealed"]


def test_everything_verifies(journey: Journey) -> None:
    verdict = journey.iimm("verify")
    assert (verdict["valid"], verdict["faults"]) == (True, [])
    empty = {what for what, number in verdict["checked"].items() if not number}
    assert empty <= {"rows of work"}  # nobody has worked here


def test_a_second_run_computes_nothing_and_says_so(journey: Journey) -> None:
    again = iimm("run", data=journey.data, cwd=journey.folder)
    assert again.returncode == 0, again.stderr
    assert again.stdout.strip() == f"Nothing was computed: all outcomes of {journey.first['items']} items stand."


def test_nothing_was_written_outside_the_data_folder(journey: Journey) -> None:
    assert {p.name for p in journey.folder.iterdir()} == {"sample"}


def test_the_searches_file_names_the_same_searches(journey: Journey) -> None:
    text = (journey.folder / "sample" / "searches.toml").read_text(encoding="utf-8")
    assert [s["id"] for s in tomllib.loads(text)["search"]] == [s.id for s in SEARCHES]
