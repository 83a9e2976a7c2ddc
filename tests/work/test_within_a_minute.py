"""A tag, changed marks, a watch-list's hit and a correction: each in the search within a minute, and there after a rebuild."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from small_evidence import OPEN, WITNESS, compute, deliver_all, process, receive
from starlette.testclient import TestClient

from iimm_pipelines.accessions.marks import Because, decide_marks
from iimm_pipelines.custody.rebuild import rebuild
from iimm_pipelines.custody.verify import verify
from iimm_pipelines.holding import Holding
from iimm_pipelines.page.app import app
from iimm_pipelines.search.access import Reader, reader
from iimm_pipelines.search.query import Narrowing, search
from iimm_pipelines.settings import load_settings
from iimm_pipelines.work.corrections import correct
from iimm_pipelines.work.follow import following
from iimm_pipelines.work.tagging import tag
from iimm_pipelines.work.watching import Term, TermKind, alerts, make_list

MINUTE = 60.0
Found = Callable[[Holding], set[str]]


def found(who: str, typed: str, **decided: str) -> Found:
    """Items that somebody finds."""
    within = Narrowing(**decided)
    return lambda holding: {h.item for h in search(holding, reader(holding, who), typed, within=within).hits}


def seconds_until(holding: Holding, asked: Found, expected: set[str]) -> float:
    begin = time.monotonic()
    while asked(holding) != expected:
        assert time.monotonic() - begin < MINUTE
        time.sleep(0.2)
    return time.monotonic() - begin


def send(holding: Holding, what: str, said: dict[str, Any]) -> Any:
    """What a program of the analyst sends."""
    token, _ = holding.accounts.new_token("analyst", "tests", 1, datetime.now(UTC))
    client = TestClient(app(holding), base_url="http://127.0.0.1:8650")
    return client.post(f"/api/v1/{what}", json=said, headers={"Authorization": f"Bearer {token}"})


def test_what_people_decide_is_found_within_a_minute_and_after_a_rebuild_from_the_tables(
    new_holding: Callable[..., Holding], tmp_path: Path
) -> None:
    holding = new_holding()
    receive(holding, tmp_path / "1", WITNESS, ("restricted", "witness"), "S-1")
    receive(holding, tmp_path / "2", OPEN, ("restricted",), "S-2")
    process(holding)
    analyst, linguist = reader(holding, "analyst"), Reader("linguist", frozenset({"restricted"}))
    [bell] = found("analyst", '"monastery bell"')(holding)
    [well] = found("analyst", "မနက်ပိုင်းတွင်ကျောင်းဆောင်")(holding)
    witness = found("lead", "zanzibarite")(holding)
    quince = "A00003-0000-00000"
    decided: dict[str, tuple[Found, set[str]]] = {
        "tag": (found("analyst", "", tag="incident:The bell"), {bell}),
        "tag by a program": (found("analyst", "", tag="reliability:high"), {bell, well}),
        "marks": (found("analyst", "zanzibarite"), witness),
        "watch-list": (lambda h: {a.row.about for a in alerts(h, analyst)}, {quince}),
        "correction": (found("analyst", '"many people gathered at the well"'), {well}),
    }
    assert not any(asked(holding) for asked, _ in decided.values())
    with following(holding, every_seconds=1):
        of = make_list(holding, "analyst", "Fruit", [Term(TermKind.NAME, "quince")])
        decided["watch-list in the index"] = (found("analyst", "", watch=of.id), {quince})
        receive(holding, tmp_path / "3", {"q.txt": "A quince grew there.\n"}, ("restricted",), "S-3")
        process(holding)
        tag(holding, analyst, [bell], "incident", "The bell")
        assert send(holding, "tags", {"items": [bell, well], "code": "reliability", "value": "high"}).status_code == 200
        decide_marks(holding, "A00001", ["restricted"], Because("EM-1", "the witness agrees"))
        text = "In the morning many people gathered at the well."
        correct(holding, linguist, well, "contents", 0, "translation", text)
        took = {what: seconds_until(holding, asked, expected) for what, (asked, expected) in decided.items()}
    print("seconds:", {what: round(s, 1) for what, s in took.items()})
    [hit] = search(holding, analyst, '"many people gathered"').hits
    assert (hit.fields["given"], hit.fields["maker"], hit.fields["author"]) == ("translation", "human", "linguist")

    holding.close()
    for file in holding.settings.data.glob("catalogue.sqlite*"):
        file.unlink()
    client = holding.node.client("admin")
    for index in client.indices.get(index=f"iimm-{holding.settings.holding}-*"):
        client.indices.delete(index=index)
    again = Holding(load_settings(holding.settings.data))
    rebuild(again)
    assert sum(r.computed + r.carried for r in compute(again)) == 0
    deliver_all(again)
    assert {what: asked(again) for what, (asked, _) in decided.items()} == {w: e for w, (_, e) in decided.items()}
    assert again.catalogue.accession("A00001").marks == ("restricted",)
    assert verify(again).valid
    again.close()
