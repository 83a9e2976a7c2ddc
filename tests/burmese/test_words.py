"""Words for display."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iimm_pipelines.burmese.encoding import normal_text
from iimm_pipelines.burmese.words import words

SEGMENTATION = Path(__file__).resolve().parents[2] / ".." / "shared" / "burmese" / "segmentation"
KNOWN = frozenset({"ကျောင်း", "ကျောင်းသား", "ကျောင်းသားများ", "ရွာ", "ရန်ကုန်", "ရန်ကုန်မြို့"})


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ကျောင်းသားများရွာ", ["ကျောင်းသားများ", "ရွာ"]),
        ("ရန်ကုန်မြို့တွင် ၁၂ ဦး", ["ရန်ကုန်မြို့", "တွင်", "၁၂", "ဦး"]),
        ("ရန်ကုန် Yangon၊ ရွာ", ["ရန်ကုန်", "Yangon", "ရွာ"]),
        ("", []),
    ],
)
def test_the_longest_known_word_is_taken_else_a_syllable(text: str, found: list[str]) -> None:
    assert [text[a:b] for a, b in words(text, KNOWN)] == found


@given(st.text(st.sampled_from("ကျောင်းသာများရွ ၁၂aB၊")))
def test_words_follow_each_other(text: str) -> None:
    spans = list(words(text, KNOWN))
    assert all(a < b for a, b in spans)
    assert all(one.end <= following.start for one, following in zip(spans, spans[1:], strict=False))


@pytest.mark.skipif(not SEGMENTATION.is_dir(), reason="reference texts are not beside the repository")
def test_words_of_segmented_sentences_are_mostly_found_with_a_dictionary() -> None:
    known = {
        normal_text(line.split("\t")[0].strip(), None).text
        for line in (SEGMENTATION / "myg2p_mypos.dict").read_text().splitlines()
    }
    right = found = meant = 0
    for line in (SEGMENTATION / "10k_test.txt").read_text().splitlines()[:500]:
        parts = normal_text(line, None).text.split()
        text, ends = "".join(parts), set()
        for part in parts:
            ends.add(max(ends, default=0) + len(part))
        ours = {span.end for span in words(text, known)}
        right, found, meant = right + len(ours & ends), found + len(ours), meant + len(ends)
    print(f"ends of words: precision {right / found:.3f}, recall {right / meant:.3f}")
    assert right / found > 0.95
    assert right / meant > 0.9
