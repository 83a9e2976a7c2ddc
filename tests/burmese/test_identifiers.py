"""Cards and plates in both scripts."""

import csv
from pathlib import Path

import pytest

from iimm_pipelines.burmese.encoding import normal_text
from iimm_pipelines.burmese.identifiers import registration_cards, vehicles
from iimm_pipelines.burmese.spans import apart

TOWNSHIPS = Path(__file__).resolve().parents[2] / ".." / "shared" / "burmese" / "nrc" / "nrc_townships.tsv"


@pytest.mark.parametrize(
    "text",
    [
        "၁၂/ဥကမ(နိုင်)၁၂၃၄၅၆",
        "12/OuKaMa(N)123456",
        "12/OUKAMA (NAING) 123456",
        "၁၂/ဥကမ (နိုင်) ၁၂၃၄၅၆",
        "၁၂ / ဥကမ[နိုင်]၁၂၃၄၅၆",
        "၁၂/ဥကမနိုင်၁၂၃၄၅၆",
        "၁၂/ဥကမ(နိင်)၁၂၃၄၅၆",
        "12/OUKAMANAING123456",
        "12/OuKaMa N 123456",
        "12/OUKAMA(N) 123 456",
    ],
)
def test_a_card_has_one_number_in_both_scripts(text: str) -> None:
    assert [(text[c.start : c.end], c.normal) for c in registration_cards(text)] == [(text, "12/OUKAMA(N)123456")]


@pytest.mark.parametrize("raw", ["၅/၀လန(နိုင်)၀၁၂၃၄၅", "၅/ဝလန(နိုင်)ဝ၁၂၃၄၅", "5/WaLaNa(N)012345"])
def test_nought_and_wa_are_told_apart_by_their_place(raw: str) -> None:
    text = normal_text(raw, None).text
    assert [c.normal for c in registration_cards(text)] == ["5/WALANA(N)012345"]


@pytest.mark.parametrize("text", ["၁၅/ဥကမ(နိုင်)၁၂၃၄၅၆", "12/OuKaMa(N)12345", "12/OuKaMa(X)123456", "(နိုင်) ၁၂၃၄၅၆"])
def test_what_is_no_card(text: str) -> None:
    assert list(registration_cards(text)) == []


@pytest.mark.skipif(not TOWNSHIPS.is_file(), reason="reference texts are not beside the repository")
def test_townships_of_the_register_meet_in_both_scripts() -> None:
    rows = [r for r in csv.DictReader(TOWNSHIPS.read_text().splitlines(), delimiter="\t") if len(r["short_my"]) == 3]
    assert len(rows) > 400

    def normal(code: str, kind: str) -> list[str]:
        return [c.normal for c in registration_cards(f"12/{code}({kind})123456")]

    same = sum(normal(row["short_my"], "နိုင်") == normal(row["short_en"], "N") != [] for row in rows)
    assert same / len(rows) > 0.96  # the others are typing errors of the register


@pytest.mark.parametrize(
    ("text", "stretch", "normal"),
    [
        ("YGN 1A-1234", "YGN 1A-1234", "YGN 1A-1234"),
        ("YGN/1A-1234", "YGN/1A-1234", "YGN 1A-1234"),
        ("MDY 12M-34567", "MDY 12M-34567", "MDY 12M-34567"),
        ("ယာဉ်အမှတ် 9E/1234 ဖြင့်", "9E/1234", "9E-1234"),
        ("ကား (က/၁၂၃၄)", "က/၁၂၃၄", "က-1234"),
        ("၃၄ယ/၄၄၂၂၆ ဆိုင်ကယ်", "၃၄ယ/၄၄၂၂၆", "34ယ-44226"),
        ("car AA-1234", "AA-1234", "AA-1234"),
    ],
)
def test_plates(text: str, stretch: str, normal: str) -> None:
    assert {(text[v.start : v.end], v.normal) for v in apart(vehicles(text))} == {(stretch, normal)}


@pytest.mark.parametrize("text", ["order AA-1234", "၁၂/၂၀၂၁", "page 3A-12345", "စာအမှတ် က/၁၂၃၄"])
def test_what_is_no_plate(text: str) -> None:
    assert list(vehicles(text)) == []
