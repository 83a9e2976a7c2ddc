"""What came with a load file is found: texts as what they are, documents by their numbers elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from small_evidence import compute, deliver_all, write_files

from iimm_pipelines.accessions.claims import GivenList
from iimm_pipelines.accessions.register import Basis, Receipt, register
from iimm_pipelines.cli.search import headline
from iimm_pipelines.holding import Holding
from iimm_pipelines.search.access import reader
from iimm_pipelines.search.query import Hit, search
from iimm_pipelines.stages.inventory import take_in

LETTER = "ရေတွင်းသည် ရွာထဲတွင် ရှိသည်။\n\nThe soldiers came by the river, says a margin.\n"
FILES = {
    "N/letter.txt": LETTER, "N/report.txt": "A report.\n", "T/report.txt": "The report of the soldiers at the river.\n",
}  # fmt: skip
LOAD = """DocID,NativeLink,HumanTranslationLink,HumanTranslation
XY-0001,N\\letter.txt,,"The well is in the village; soldiers came by the river."
XY-0002,N\\report.txt,T\\report.txt,
"""


@pytest.fixture(scope="module")
def asked(
    new_holding: Callable[..., Holding], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], tuple[Hit, ...]]:
    holding, folder = new_holding(), write_files(tmp_path_factory.mktemp("in"), FILES)
    beside = tmp_path_factory.mktemp("beside") / "load.csv"
    beside.write_text(LOAD)
    receipt = Receipt("S-1", Basis.ARRANGEMENT, ("restricted",))
    number = register(holding, folder, receipt, lists=[GivenList(beside)]).number
    with holding.catalogue.lease(number):
        take_in(holding, number)
    compute(holding, ("contents", "given", "languages", "search_index"))
    deliver_all(holding)
    return lambda typed: search(holding, reader(holding, "analyst"), typed).hits


def test_a_human_s_translation_is_the_hit_and_says_so(asked: Callable[[str], tuple[Hit, ...]]) -> None:
    hits = {h.item: h for h in asked("soldiers river")}
    letter = hits["A00001-0000-00000"]
    assert (letter.fields["origin"], letter.fields["given"], letter.fields["maker"]) == (
        "given", "translation", "human")  # fmt: skip
    assert "translation by a human" in headline(letter).plain


def test_a_translation_in_a_file_of_its_own_is_one_of_the_document_s_family(
    asked: Callable[[str], tuple[Hit, ...]],
) -> None:
    (hit,) = [h for h in asked("soldiers river") if h.item != "A00001-0000-00000"]
    assert (hit.fields["given"], hit.fields["maker"]) == ("translation", "human")
    assert hit.fields["family"] == "A00001-0000-00001" != hit.item


def test_a_document_is_found_by_its_number_elsewhere(asked: Callable[[str], tuple[Hit, ...]]) -> None:
    assert [h.item for h in asked('"XY-0001"')] == ["A00001-0000-00000"]


def test_a_file_without_given_text_is_read_once_wherever_it_lies(
    new_holding: Callable[..., Holding], tmp_path: Path
) -> None:
    holding = new_holding()
    (tmp_path / "list.csv").write_text("number,path,custody\nZ9,elsewhere/b.txt,from X\n")
    for nth, name in enumerate(("a.txt", "elsewhere/b.txt"), 1):
        folder = write_files(tmp_path / f"{nth}", {name: "A sentence in both.\n"})
        lists = [GivenList(tmp_path / "list.csv")] if nth == 2 else []
        number = register(holding, folder, Receipt(f"S-{nth}", Basis.CONSENT, ("restricted",)), lists=lists).number
        with holding.catalogue.lease(number):
            take_in(holding, number)
    reports = compute(holding, ("contents", "given", "languages"))
    assert [(r.stage, r.computed, r.carried) for r in reports if r.stage == "languages"] == [
        ("languages", 1, 0), ("languages", 0, 1)]  # fmt: skip
