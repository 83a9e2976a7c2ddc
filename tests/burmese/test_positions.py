"""Coordinates, grid positions, map references."""

import pytest

from iimm_pipelines.burmese.positions import coordinates, grid_positions, map_references
from iimm_pipelines.burmese.spans import apart


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("21.9162, 95.9560", "21.916200,95.956000"),
        ("၂၁.၉၁၆၂၊ ၉၅.၉၅၆၀", "21.916200,95.956000"),
        ("N 21.9162° E 95.9560°", "21.916200,95.956000"),
        ("21° 54' 58.3\" N, 95° 57' 21.6\" E", "21.916194,95.956000"),
        ("မြောက်လတ္တီတွဒ် ၂၁ ဒီဂရီ ၅၄ မိနစ် နှင့် အရှေ့လောင်ဂျီတွဒ် ၉၅ ဒီဂရီ ၅၇ မိနစ်", "21.900000,95.950000"),
        ("အရှေ့လောင်ဂျီတွဒ် ၉၅ ံ ၅၇ ’ နှင့် မြောက်လတ်တီတွဒ် ၂၁ ံ ၅၄ ’", "21.900000,95.950000"),
        ("33.8688 S 151.2093 E", "-33.868800,151.209300"),
        ("21.9162, lon: 95.9560", "21.916200,95.956000"),
        ("21.9162 Longitude 95.9560", "21.916200,95.956000"),
        ("မြောက်လတ္တီတွဒ် ၂၁.၉၁၆၂ နှင့် အရှေ့လောင်ဂျီတွဒ် ၉၅.၉၅၆၀", "21.916200,95.956000"),
        ("တောင်လတ္တီတွဒ် ၃၃.၈၆၈၈ အရှေ့လောင်ဂျီတွဒ် ၁၅၁.၂၀၉၃", "-33.868800,151.209300"),
    ],
)
def test_coordinates(text: str, normal: str) -> None:
    assert [(text[p.start : p.end], p.normal) for p in apart(coordinates(text))] == [(text, normal)]


@pytest.mark.parametrize(
    "text",
    [
        "21.9162",
        "95.9560, 21.9162",
        "3.14, 2.71",
        "21.9162, 195.9560",
        "37.5 °C",
        "မြောက်လတ်တီတွဒ် ၂၃ ံ ၃၇ ’ နှင့် ၂၈ ံ ၃၂ ’ ကြား",
    ],
)
def test_what_is_no_coordinate(text: str) -> None:
    assert list(coordinates(text)) == []


@pytest.mark.parametrize("text", ["46QHK0539826493", "46Q HK 05398 26493", "၄၆Q HK ၀၅၃၉၈ ၂၆၄၉၃", "46q hk 05398 26493"])
def test_a_grid_position_is_the_point_that_geotrans_gives(text: str) -> None:
    (found,) = grid_positions(text)
    assert found.normal.startswith("21.9161") or found.normal.startswith("21.9162")
    assert ",95.9559" in found.normal or ",95.9560" in found.normal


@pytest.mark.parametrize(
    "text", ["46QZZ0539826493", "46Q HK 0539 26493", "A46QHK0539826493", "10 k at 100000", "46Q HK ٠٥٣٩٨ ٢٦٤٩٣"]
)
def test_what_is_no_grid_position(text: str) -> None:
    assert list(grid_positions(text)) == []


@pytest.mark.parametrize(
    ("text", "stretch", "normal"),
    [
        ("မြေပုံညွှန်း (LS-123456) တွင်", "LS-123456", "LS 123456"),
        ("မြေပုံအညွှန်း ၁၂၃၄၅၆", "၁၂၃၄၅၆", "123456"),
        ("Map Ref: HK 053 264", "HK 053 264", "HK 053264"),
        ("မြေပုံညွှန်း (၂၀၉၅-၁၂၊ LS-123456)", "၂၀၉၅-၁၂၊ LS-123456", "2095-12 LS 123456"),
        ("မြေပုံညွှန်း 94-O-6၊ 123456", "94-O-6၊ 123456", "94-O-6 123456"),
    ],
)
def test_map_references(text: str, stretch: str, normal: str) -> None:
    assert [(text[r.start : r.end], r.normal) for r in map_references(text)] == [(stretch, normal)]
    assert list(map_references(stretch)) == []
