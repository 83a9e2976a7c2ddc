"""The engineers' page: what it says of the work, what it never says, and having things tried again."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from small_evidence import process, receive

from iimm_pipelines.engine.outcome import Kind, Reason
from iimm_pipelines.holding import Holding
from iimm_pipelines.page.app import app
from iimm_pipelines.people.access_log import What
from iimm_pipelines.people.rights import Role

ADDRESS = "http://127.0.0.1:8650"


@pytest.fixture(scope="module")
def work(new_holding: Callable[..., Holding], tmp_path_factory: pytest.TempPathFactory) -> Holding:
    """A00001 has a PDF that is damaged, A00002 needs a mark that the evidence manager does not hold."""
    holding = new_holding()
    folder = tmp_path_factory.mktemp("work")
    files = {"Daw Secretname.pdf": b"%PDF-1.7\nno more", "letter.txt": "A letter about turnips.\n"}
    receive(holding, folder / "1", files, ("restricted",), "S-1")
    receive(holding, folder / "2", {"other.txt": "Another letter.\n"}, ("restricted", "witness"), "S-2")
    process(holding)
    for role in set(Role) - {Role.ANALYST}:
        holding.accounts.add(role.name.lower(), role, ["restricted"], by="tests")
        holding.accounts.set_password(role.name.lower(), "four words and no more", by="tests")
    return holding


@pytest.fixture
def at_work(work: Holding, person_of: Callable[..., Any]) -> Callable[[str], Any]:
    """Somebody signed in to the page of that holding."""
    return lambda name: person_of(app(work), name)


def rows(page: str) -> dict[str, list[str]]:
    """Cells of each row by its head."""
    found = {}
    for row in re.findall(r"<tr><th scope=\"row\">(.*?)</tr>", page, re.S):
        cells = [re.sub(r"<[^>]*>", "", c).strip() for c in re.split(r"</t[hd]>", row)]
        found[cells[0]] = cells[1:-1]
    return found


def test_stages_accessions_and_failures_are_counted(at_work: Any, work: Holding) -> None:
    page = at_work("data_engineer").get("/engine").text
    table = rows(page)
    assert table["inventory"][:4] == ["3", "0", "0", "0"]
    assert set(table) >= {"A00001", "A00002", "contents", "search_index"}
    [failed] = [p for p in work.catalogue.parts(stage="contents") if p.counts.get(Kind.FAILED)]
    [reason] = {r for r in work.parts.arrow("contents", failed.shard, failed.key)["reason"].to_pylist() if r}
    assert Reason(reason).what_to_do.replace("`", "") in page.replace("`", "")


def test_one_accession_has_its_shards(at_work: Any) -> None:
    page = at_work("data_engineer").get("/engine", params={"accession": "A00001"}).text
    assert "A00001-0000" in rows(page)
    assert "A00002" not in page
    assert at_work("data_engineer").get("/engine", params={"accession": "A00009"}).status_code == 404


@pytest.mark.parametrize("address", ["/engine", "/engine?accession=A00001", "/engine/figures"])
def test_no_content_file_name_or_person_stands_there(at_work: Any, address: str) -> None:
    for role in ("data_engineer", "auditor", "evidence_manager"):
        answer = at_work(role).get(address)
        assert answer.status_code == 200
        assert not re.search("Secretname|letter|turnip|lead", answer.text)


def test_who_may_search_sees_the_processing_of_nothing_else(at_work: Any) -> None:
    manager, auditor = at_work("evidence_manager"), at_work("auditor")
    for address in ("/engine", "/engine/figures"):
        assert ("S-2" in manager.get(address).text, "S-2" in auditor.get(address).text) == (False, True)
    hidden, nowhere = (manager.get("/engine", params={"accession": n}) for n in ("A00002", "A00009"))
    assert (hidden.status_code, hidden.text) == (404, nowhere.text.replace("A00009", "A00002"))
    assert rows(manager.get("/engine").text)["inventory"][0] == "2"
    assert "Health" not in manager.get("/engine").text


def test_only_who_may_run_has_buttons_that_try_again(at_work: Any) -> None:
    assert "/engine/retry" in at_work("data_engineer").get("/engine").text
    assert "/engine/retry" not in at_work("auditor").get("/engine").text


def test_trying_again_does_what_the_command_does_and_is_written_down(at_work: Any, work: Holding) -> None:
    engineer = at_work("data_engineer")
    slices = lambda: [s.retry for s in work.catalogue.slices("contents", "A00001-0000")]  # noqa: E731
    before = slices()
    refused = engineer.fill_in("/engine/retry", reason=Reason.DAMAGED, stage="contents")
    assert refused.status_code == 400
    assert "does not help" in refused.text
    assert engineer.fill_in("/engine/retry", reason="x").status_code == 400
    answer = engineer.fill_in("/engine/retry", reason=Reason.TIMED_OUT, stage="contents", accession="A00001")
    assert answer.headers["location"] == "/engine?accession=A00001&asked=0"
    assert slices() == before
    last = list(work.access_log.entries())[-1]
    assert (last.who, last.what, last.subject) == ("data_engineer", What.ASKED_AGAIN, "A00001")


def test_health_names_what_is_unsafe_first(at_work: Any) -> None:
    page = at_work("data_engineer").get("/engine").text
    assert "backup of the keys" in page
    assert re.findall(r'class="state (\w+)"', page) == sorted(
        re.findall(r'class="state (\w+)"', page), key=["missing", "unsafe", "good"].index
    )
