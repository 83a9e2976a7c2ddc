"""Anything at all through every function that takes text: none raises, spans lie within it, and none takes forever."""

import importlib
import inspect
import pkgutil
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import iimm_pipelines.burmese
from iimm_pipelines.burmese.encoding import normal_text
from iimm_pipelines.burmese.expressions import expressions
from iimm_pipelines.burmese.names import persons
from iimm_pipelines.burmese.roles import Part, Piece, roles
from iimm_pipelines.burmese.syllables import syllables
from iimm_pipelines.burmese.units import units
from iimm_pipelines.burmese.zawgyi import detector
from iimm_pipelines.stages.patterns import matches

_NOT_OF_TEXT = {"tables.entries"}
"""Its text is the name of one of the package's tables."""
_FURTHER: dict[str, tuple[Any, ...]] = {
    "encoding.normal_text": (detector(),),
    "words.words": (frozenset({"ကျောင်း"}),),
    "roles.roles": ((), ()),
}

REPORT = [
    "၁၃၈၃",
    "ခုနှစ်",
    "ကဆုန်လပြည့်ကျော်",
    "၃",
    "ရက်",
    "၂၀၂၁",
    "ခုနှစ်",
    "မေလ",
    "၂၈",
    "ရက်",
    "သောကြာ",
    "နေ့",
    "နံနက်",
    "၉",
    "နာရီ",
    "ခွဲ",
    "အသက်",
    "(၃၅)",
    "နှစ်",
    "၅/ဝလန(နိုင်)၀၁၂၃၄၅",
    "ငွေ",
    "ကျပ်",
    "၁၅",
    "သိန်း",
    "ယာဉ်အမှတ်",
    "9E/1234",
    "မြေပုံညွှန်း",
    "(LS-123456)",
    "46Q",
    "HK",
    "05398",
    "26493",
    "ဗိုလ်မှူး",
    "ကျော်မင်း",
    "ခမရ",
    "(၃၄၅)၊",
    "၃၄၆",
    "နှင့်",
    "၃၄၇",
    "တပ်ရင်းမှူး",
    "ဦး",
    "ဒေါ်",
    "တစ်",
    "ဘီလီယံ",
    "ထရီလီယံ",
    "ခုနှစ်",
    "ပိုင်းဝေ",
    "ပိုင်းခြေ",
    "ထပ်ကိန်း",
    "ဒသမ",
    "အနုတ်",
    "ရန္ကုန္ၿမိဳ႕",
    "ေက်ာင္းသား",
    "Col.",
    "Kyaw",
    "Min",
    "kyats",
    "Ks",
    "lakh",
    "million",
    "crore",
    "USD",
    "August",
    "inr",
    "age",
    "35",
    "years",
    "old",
    "12/OUKAMA(NAING)123456",
    "09-421123456",
    "3.5.2021",
    "16°",
    "52'",
    '30"',
    "N",
    "96.15",
    "E",
    "a.m.",
    "hrs",
]
alike = st.sampled_from("ſıİK²³①٣०９𝟗" + "၀ဝ၇ရ၈ဂ၄၎ဥဉ" + "\u1037\u103a\u1039\u1031\u102f\u1036\u1038\u103b\u103c")
"""Letters that are another letter in the other case, digits that are no decimal digits or of other scripts, marks."""
pieces = (
    st.sampled_from([*REPORT, " ", " ", "\n", "/", "-", "(", ")", ".", ":", ",", "၊", "။"])
    | alike
    | st.text(max_size=3)
)
anything = st.lists(pieces, max_size=14).map("".join)


def of_text() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every public function of the package whose first argument is text."""
    for found in pkgutil.iter_modules(iimm_pipelines.burmese.__path__):
        module = importlib.import_module(f"iimm_pipelines.burmese.{found.name}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            first = next(iter(inspect.signature(function).parameters.values()), None)
            known = name.startswith("_") or function.__module__ != module.__name__
            if not known and first and first.annotation in (str, "str") and f"{found.name}.{name}" not in _NOT_OF_TEXT:
                yield f"{found.name}.{name}", function


FUNCTIONS = dict(of_text())


def asked(name: str, text: str) -> Any:
    """What a function answers, to its end where it answers bit by bit."""
    function = FUNCTIONS[name]
    places = [p for p in inspect.signature(function).parameters if p in ("start", "end", "place")]
    within = {"start": len(text) // 3, "end": len(text), "place": len(text) // 2}
    answer = function(text, *_FURTHER.get(name, ()), **{place: within[place] for place in places})
    return list(answer) if isinstance(answer, Iterator) else answer


def test_these_are_all_of_them() -> None:
    assert {"amounts.money", "dates.times", "names.persons", "units.units", "zawgyi.to_unicode"} <= FUNCTIONS.keys()
    assert len(FUNCTIONS) > 35


@given(anything)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_none_raises_and_spans_lie_within_the_text(raw: str) -> None:
    normal = normal_text(raw, detector())
    for name in FUNCTIONS:
        asked(name, raw)
    told = [Piece(unit.start, unit.end, Part.UNIT, unit.id) for unit in units(normal.text)]
    assert all(0 <= r.start < r.end <= len(normal.text) for r in roles(normal.text, persons(normal.text), told))
    for text in (raw, normal.text):
        found = [
            *((f.start, f.end) for f in expressions(text)),
            *((m.start, m.end) for m in matches(text)),
            *syllables(text),
        ]
        assert all(0 <= start < end <= len(text) for start, end in found)
    for start, end in syllables(normal.text):
        raw_start, raw_end = normal.raw_span(start, end)
        assert 0 <= raw_start <= raw_end <= len(raw)


@pytest.mark.parametrize(
    "text",
    [
        "100 kyatſ", "100 Kſ", "5 ınr", "12/OUKAMA(NAıNG)123456", "3 Auguſt 2021",  # other cases of s and i
        "တစ်ထရီလီယံ ခုနှစ် မေလ ၃ ရက်",  # beyond the last year that a calendar has
        "46Q HK ٠٥٣٩٨ ٢٦٤٩٣", "²² ကျပ်", "٣ နာရီ",
        "9" * 5_000 + " ကျပ်", "\ud800\udfff", "",
    ],
)  # fmt: skip
def test_none_raises_on_what_looks_like_something_else(text: str) -> None:
    for name in FUNCTIONS:
        asked(name, text)
    matches(text)


@pytest.mark.parametrize(
    "unit", ["က", "က်", "\u103a", "\u1039", "ေ", "၁", "သိန်း", "ကျော်မင်း", "ဗိုလ်မှူး", "Kyaw ", "ခမရ ၃၄၅၊ ", "()", "\n", "ေက်ာ"]
)
def test_time_grows_with_the_text_and_no_faster(unit: str) -> None:
    began = time.process_time()
    for name in FUNCTIONS:
        asked(name, unit * (2_000 // len(unit)))
    assert time.process_time() - began < 3
