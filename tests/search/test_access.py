"""Access: what a reader may not see is not there for them, by either lock."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from opensearchpy import NotFoundError, OpenSearch
from small_evidence import ACCOUNTS, SHARED, compute, iimm, receive

from iimm_pipelines.accessions.items import read_items
from iimm_pipelines.holding import Holding
from iimm_pipelines.people.access_log import What
from iimm_pipelines.people.rights import Role
from iimm_pipelines.search.access import ReaderUnknown, reader, scope
from iimm_pipelines.search.query import EMPTY, Result, search

HIDDEN_WORD = "zanzibarite"
VISIBLE = {"accession": "A00002"}


def ask(holding: Holding, who: str, typed: str) -> Result:
    return search(holding, reader(holding, who), typed)


def but_for_receipt(found: Result) -> Result:
    """Without the second at which the test registered the accession."""
    for hit in found.hits:
        assert hit.fields["times"].pop("received")
    return found


def test_who_holds_all_marks_finds_the_hidden_word(both: Holding) -> None:
    found = ask(both, "lead", HIDDEN_WORD)
    assert found.total == 2
    assert {h.fields["accession"] for h in found.hits} == {"A00001"}


def test_a_reader_without_the_mark_gets_no_hit_no_count_no_facet_no_suggestion(both: Holding) -> None:
    found = ask(both, "analyst", HIDDEN_WORD)
    assert (found.hits, found.total, found.suggestions) == ((), 0, ())
    assert not any(found.facets.values())


@pytest.mark.parametrize("typed", ["monastery bell", "monastery", '"monastery bell"', "list of villages", HIDDEN_WORD,
                                   "zanzibarit", "zanzibarites", "ကျောင်းဆောင် အနောက်ဘက် ရေတွင်း", "w-1"])  # fmt: skip
def test_a_reader_gets_what_they_would_get_if_the_hidden_had_never_been(
    both: Holding, without: Holding, typed: str
) -> None:
    """Hits, their scores and fields, totals, facets and suggestions: all of it is equal."""
    seen, expected = (but_for_receipt(ask(holding, "analyst", typed)) for holding in (both, without))
    assert seen.hits == expected.hits
    assert seen == expected


def test_the_hidden_does_change_the_scores_of_who_may_see_it(both: Holding) -> None:
    """Without this the test above could not fail."""
    lead = {h.item: h.score for h in ask(both, "lead", "monastery bell").hits}
    analyst = {h.item: h.score for h in ask(both, "analyst", "monastery bell").hits}
    assert analyst
    assert all(lead[i] != score for i, score in analyst.items())


def test_a_misspelt_word_is_suggested_to_who_may_see_it_only(both: Holding) -> None:
    assert ask(both, "lead", "zanzibarits").suggestions == (HIDDEN_WORD,)
    assert ask(both, "analyst", "zanzibarits").suggestions == ()


def test_an_object_in_both_accessions_is_one_hit_with_the_number_that_the_reader_may_see(both: Holding) -> None:
    found = ask(both, "analyst", "list of villages")
    assert [h.fields["accession"] for h in found.hits] == ["A00002"]
    assert ask(both, "lead", "list of villages").total == 1


def test_a_hit_says_nothing_of_marks_and_generations(both: Holding) -> None:
    for hit in ask(both, "lead", "monastery").hits:
        assert not {"marks", "marks_needed", "generation"} & hit.fields.keys()


def test_a_reader_without_marks_sees_nothing(both: Holding) -> None:
    assert scope(both, reader(both, "nobody")).indices == ()
    assert ask(both, "nobody", "monastery") == EMPTY


def test_who_has_no_account_is_refused(both: Holding) -> None:
    with pytest.raises(ReaderUnknown, match="iimm user add"):
        reader(both, "stranger")


def test_an_account_without_the_right_or_disabled_is_no_reader(new_holding: Callable[..., Holding]) -> None:
    holding = new_holding()
    holding.accounts.add("engineer", Role.DATA_ENGINEER, ["restricted"], by="tests")
    holding.accounts.disable("lead", by="tests")
    for who in ("engineer", "lead"):
        with pytest.raises(ReaderUnknown):
            reader(holding, who)
    assert [(e.who, e.what) for e in holding.access_log.entries()] == [
        ("engineer", What.REFUSED),
        ("lead", What.REFUSED),
    ]


# Lineage


def items(holding: Holding, accession: str) -> dict[str, str]:
    """Number of each item by its name."""
    return {
        i.path.decode(): i.number
        for s in holding.catalogue.shards(accession)
        for i in read_items(holding.parts, s.number)
    }


def test_lineage_of_a_hidden_item_is_refused_as_if_there_were_none(both: Holding) -> None:
    number = items(both, "A00001")["statements/w-1.txt"]
    absent = number.replace("A00001", "A00009")
    said = [iimm("lineage", n, "--as", "analyst", "--json", data=both.settings.data) for n in (number, absent)]
    assert [(s.returncode, s.stdout) for s in said] == [(2, ""), (2, "")]
    assert said[0].stderr.replace(number, absent) == said[1].stderr


def test_lineage_does_not_tell_a_reader_that_an_object_was_received_elsewhere_too(both: Holding) -> None:
    number = items(both, "A00002")[next(iter(SHARED))]
    told = iimm("lineage", number, "--as", "analyst", "--json", data=both.settings.data)
    assert told.returncode == 0
    assert "A00001" not in told.stdout
    for word in ("carried", "same_as", "corroborates"):
        assert word not in told.stdout
    assert json.loads(iimm("lineage", number, "--json", data=both.settings.data).stdout)["steps"][0]["carried"] in (
        True,
        False,
    )


def test_a_near_duplicate_that_is_hidden_shows_neither_in_duplicates_nor_in_lineage(
    new_holding: Callable[..., Holding], tmp_path: Path
) -> None:
    from PIL import Image, ImageDraw

    picture = Image.new("L", (400, 300), 220)
    ImageDraw.Draw(picture).polygon([(20, 280), (200, 30), (380, 250), (210, 160)], fill=30)
    for name, size in (("hidden.png", (400, 300)), ("seen.png", (300, 225))):
        picture.resize(size).save(tmp_path / name)
    holding = new_holding()
    for folder, name, marks in (("1", "hidden.png", ("restricted", "witness")), ("2", "seen.png", ("restricted",))):
        receive(holding, tmp_path / folder, {name: (tmp_path / name).read_bytes()}, marks, f"S-{folder}")
    compute(holding, ("contents", "fingerprints", "near_pairs"))
    number, data = "A00002-0000-00000", holding.settings.data
    told = {who: iimm("duplicates", number, "--as", who, "--json", data=data).stdout for who in ("lead", "analyst")}
    assert [n["item"] for n in json.loads(told["lead"])] == ["A00001-0000-00000"]
    assert json.loads(told["analyst"]) == []
    whole, own = (json.loads(iimm("lineage", number, *more, "--json", data=data).stdout)["steps"]
                  for more in ((), ("--as", "analyst")))  # fmt: skip
    assert "near_pairs" in {s["stage"] for s in whole}
    assert {s["stage"] for s in own} == {"inventory", "contents", "fingerprints"}


# The second lock: the first is taken out by asking OpenSearch itself, with the reader's own token, for everything


@pytest.fixture
def token(both: Holding) -> OpenSearch:
    return both.node.reader_client("analyst", ACCOUNTS["analyst"])


@pytest.fixture
def everything(both: Holding) -> str:
    return f"iimm-{both.settings.holding}-*"


@pytest.fixture
def hidden(both: Holding) -> list[dict[str, Any]]:
    body = {"query": {"term": {"accession": "A00001"}}, "size": 100}
    found = both.node.client("ingest").search(index=f"iimm-{both.settings.holding}-*", body=body)["hits"]["hits"]
    assert len(found) > 5
    return list(found)


def accessions(hits: list[dict[str, Any]]) -> set[str]:
    return {h["_source"]["accession"] for h in hits}


def test_a_readers_token_finds_no_hidden_document(token: OpenSearch, everything: str) -> None:
    assert accessions(token.search(index=everything, body={"size": 100})["hits"]["hits"]) == {"A00002"}
    body = {"query": {"query_string": {"query": f"{HIDDEN_WORD} OR accession:A00001"}}}
    assert token.search(index=everything, body=body)["hits"]["total"]["value"] == 0


def test_a_readers_token_gets_no_hidden_document_by_its_id(token: OpenSearch, hidden: list[dict[str, Any]]) -> None:
    for document in hidden:
        with pytest.raises(NotFoundError):
            token.get(index=document["_index"], id=document["_id"])
    asked = {"docs": [{"_index": d["_index"], "_id": d["_id"]} for d in hidden]}
    assert not any(d["found"] for d in token.mget(body=asked)["docs"])


def test_a_readers_token_counts_no_hidden_document(token: OpenSearch, everything: str) -> None:
    assert token.count(index=everything, body={"query": {"term": {"accession": "A00001"}}})["count"] == 0
    assert (
        token.count(index=everything)["count"]
        == token.count(index=everything, body={"query": {"term": VISIBLE}})["count"]
    )


def test_a_readers_token_aggregates_no_hidden_document(token: OpenSearch, everything: str) -> None:
    body = {
        "size": 0,
        "aggs": {"a": {"terms": {"field": "accession"}}, "o": {"terms": {"field": "object", "size": 99}}},
    }
    found = token.search(index=everything, body=body)["aggregations"]
    assert {b["key"] for b in found["a"]["buckets"]} == {"A00002"}
    assert sum(b["doc_count"] for b in found["o"]["buckets"]) == found["a"]["buckets"][0]["doc_count"]


def test_a_readers_token_scrolls_over_no_hidden_document(token: OpenSearch, everything: str) -> None:
    page = token.search(index=everything, body={"size": 2}, params={"scroll": "9s"})
    seen: set[str] = set()
    while page["hits"]["hits"]:
        seen |= accessions(page["hits"]["hits"])
        page = token.scroll(body={"scroll_id": page["_scroll_id"], "scroll": "1s"})
    assert seen == {"A00002"}
