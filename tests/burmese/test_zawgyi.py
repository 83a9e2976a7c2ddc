"""Zawgyi to Unicode: single words, and whole texts against their Unicode counterparts and the Rabbit rules."""

import json
import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iimm_pipelines.burmese.encoding import normal_text
from iimm_pipelines.burmese.zawgyi import detector, to_unicode

SHARED = Path(__file__).resolve().parents[2] / ".." / "shared" / "burmese"
needs_texts = pytest.mark.skipif(not SHARED.is_dir(), reason="reference texts are not beside the repository")


@pytest.mark.parametrize(
    ("zawgyi", "unicode"),
    [
        ("ျမန္မာႏိုင္ငံ", "မြန်မာနိုင်ငံ"),
        ("ေနျပည္ေတာ္ ရန္ကုန္ၿမိဳ႕", "နေပြည်တော် ရန်ကုန်မြို့"),
        ("အဂၤလိပ္ သေဘၤာ စကၤာပူ", "အင်္ဂလိပ် သင်္ဘော စင်္ကာပူ"),  # kinzi
        ("ကိစၥ ပုဂၢိဳလ္ ဗုဒၶ မႏၲေလး ကမၻာ", "ကိစ္စ ပုဂ္ဂိုလ် ဗုဒ္ဓ မန္တလေး ကမ္ဘာ"),  # stacked
        ("ဘ႑ာ ျပႆနာ ပၪၥမ", "ဘဏ္ဍာ ပြဿနာ ပဉ္စမ"),
        ("လႊတ္ေတာ္ ေရႊ မႈ လူ အမ်ိဳး", "လွှတ်တော် ရွှေ မှု လူ အမျိုး"),
        ("ေယာက္်ား ကြၽန္ေတာ္ ကြၽႏု္ပ္", "ယောက်ျား ကျွန်တော် ကျွန်ုပ်"),  # asat before its medial or vowel
        ("ေစ်း ၾသဂုတ္ ဉာဏ္ ဥာဏ္", "ဈေး ဩဂုတ် ဉာဏ် ဉာဏ်"),
        ("၎ ၎င္း ၄င္း", "၎င်း ၎င်း ၎င်း"),
        ("၀န္ႀကီး သဘာ၀ ေ၇ွာက္ ၁၀း၃၀", "ဝန်ကြီး သဘာဝ ရှောက် ၁၀း၃၀"),
        ("စာေပမျွဖစ္ေစ", "စာပေမှဖြစ်စေ"),  # ra before the mark of the letter before it
        ("ABC 123", "ABC 123"),
    ],
)
def test_words(zawgyi: str, unicode: str) -> None:
    assert normal_text(to_unicode(zawgyi), None).text == normal_text(unicode, None).text == unicode


def distance(one: str, other: str) -> int:
    """Edits between two strings."""
    row = list(range(len(other) + 1))
    for place, letter in enumerate(one, 1):
        above, row = row, [place]
        for at, against in enumerate(other, 1):
            row.append(min(above[at] + 1, row[-1] + 1, above[at - 1] + (letter != against)))
    return row[-1]


def rabbit() -> Callable[[str], str]:
    """The Rabbit converter: its substitutions one after the other."""
    rules = [
        (re.compile(rule["from"]), re.sub(r"\$(\d)", r"\\g<\1>", rule["to"]))
        for rule in json.loads((SHARED / "rabbit" / "zg2uni.json").read_text())
    ]

    def convert(text: str) -> str:
        for pattern, replacement in rules:
            text = pattern.sub(replacement, text)
        return text

    return convert


@needs_texts
@pytest.mark.parametrize(
    ("zawgyi", "unicode", "identical", "error_rate"),
    [
        ("mmgov_zawgyi_src.txt", "mmgov_unicode_out.txt", 1.0, 0.0),
        ("udhr_mya_zawgyi_out.txt", "udhr_mya_unicode_src.txt", 0.98, 0.0002),  # one typing error in the Zawgyi text
    ],
)
def test_texts_agree_with_their_unicode_as_well_as_rabbit_makes_them(
    zawgyi: str, unicode: str, identical: float, error_rate: float
) -> None:
    folder = SHARED / "myanmar-tools"
    pairs = list(
        zip((folder / zawgyi).read_text().splitlines(), (folder / unicode).read_text().splitlines(), strict=True)
    )
    pairs = [(typed, expected) for typed, expected in pairs if re.search("[\u1000-\u109f]", typed)]

    def measured(convert: Callable[[str], str]) -> tuple[float, float]:
        results = [
            (normal_text(convert(typed), None).text, normal_text(expected, None).text) for typed, expected in pairs
        ]
        same = sum(one == other for one, other in results) / len(results)
        errors = sum(distance(one, other) for one, other in results if one != other)
        return same, errors / sum(len(other) for _, other in results)

    ours, theirs = measured(to_unicode), measured(rabbit())
    print(
        f"{zawgyi}: lines identical {ours[0]:.4f} (Rabbit {theirs[0]:.4f}), CER {ours[1]:.5f} (Rabbit {theirs[1]:.5f})"
    )
    assert ours[0] >= max(identical, theirs[0])
    assert ours[1] <= min(error_rate, theirs[1])


@needs_texts
def test_the_detector_tells_the_two_encodings_apart() -> None:
    probability = detector()
    assert probability((SHARED / "myanmar-tools" / "mmgov_zawgyi_src.txt").read_text()) > 0.99
    assert probability((SHARED / "myanmar-tools" / "mmgov_unicode_out.txt").read_text()) < 0.01


@given(st.text(st.characters(min_codepoint=0x1000, max_codepoint=0x109F) | st.sampled_from("\u2003\u200bꩡꧠ\0 a\n")))
def test_the_detector_says_exactly_what_the_published_one_says(text: str) -> None:
    assert detector()(text) == published()(text)


@lru_cache
def published() -> Callable[[str], float]:
    from myanmartools import ZawgyiDetector

    probability: Callable[[str], float] = ZawgyiDetector().get_zawgyi_probability
    return probability
