"""Normal text: what changes, what does not, and the way back to the raw text."""

import time
import unicodedata
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iimm_pipelines.burmese.encoding import Encoding, NormalText, normal_text, normal_texts
from iimm_pipelines.burmese.syllables import syllables
from iimm_pipelines.burmese.zawgyi import detector

SHARED = Path(__file__).resolve().parents[2] / ".." / "shared" / "burmese"
needs_texts = pytest.mark.skipif(not SHARED.is_dir(), reason="reference texts are not beside the repository")

UNICODE = "ရန်ကုန်မြို့တွင် စစ်တပ်က ကျောင်းသားများကို ဖမ်းဆီးခဲ့သည်။"
ZAWGYI = "ရန္ကုန္ၿမိဳ႕တြင္ စစ္တပ္က ေက်ာင္းသားမ်ားကို ဖမ္းဆီးခဲ့သည္။"

anything = st.text(
    st.characters(min_codepoint=0x1000, max_codepoint=0x109F)
    | st.sampled_from("\u200b\u00ad a1é\u0301ཱི가\u11a8\U0001d15e\n၀၄ဥသ\u1031\u1037\u1039\u103a\u103c")
    | st.characters()
)
words = st.lists(st.sampled_from([*UNICODE.split(), *ZAWGYI.split(), "Yangon", "\u200b", "၁၂၃", "\n", " "]))


@pytest.fixture(scope="module")
def zawgyi_probability() -> Callable[[str], float]:
    return detector()


def plain(raw: str) -> str:
    return normal_text(raw, None).text


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("ရန်\u200bကုန်\ufeff so\u00adft", "ရန်ကုန် soft"),
        ("န\u103e\u1004\u103a\u1037", "န\u103e\u1004\u1037\u103a"),
        ("တု\u102d\u102f\u1037", "တ\u102d\u102f\u1037"),
        ("ဥ\u102eး", "ဦး"),
        ("ဒုတိယ၀န်ကြီး ၀မ်းသာ ဘ၀", "ဒုတိယဝန်ကြီး ဝမ်းသာ ဘဝ"),
        ("၁၀ ၂၀၂၁ အမှတ်၀၁ ၁၀း၃၀", "၁၀ ၂၀၂၁ အမှတ်၀၁ ၁၀း၃၀"),
        ("၄င်း ၁၄", "၎င်း ၁၄"),
        ("ဥာဏ် သြဂုတ် သြော် ဥပဒေ", "ဉာဏ် ဩဂုတ် ဪ ဥပဒေ"),
        ("ဉီးလှ စျေး ဩော် စျာန်", "ဦးလှ ဈေး ဪ ဈာန်"),
        ("၈ုဏ် ၇ဲ ၀ရမ်း", "ဂုဏ် ရဲ ဝရမ်း"),
        ("၂ဝ ရာစု ၂ဝဝ၉ ၁ရ၅ ၁၎၃ ဝ၉ ၁ဝဝန်ကြီး", "၂၀ ရာစု ၂၀၀၉ ၁၇၅ ၁၄၃ ၀၉ ၁၀ဝန်ကြီး"),
        ("၅ဝယ် ၁ဝၼ်း ၁ဝတ္ထု ၁၀ရက် ၄၎င်း", "၅ဝယ် ၁ဝၼ်း ၁ဝတ္ထု ၁၀ရက် ၄၎င်း"),
        ("ဗုဒ\u1039\u1039ဓ ဟားးး", "ဗုဒ္ဓ ဟား"),
        ("a\ud800b", "a\ufffdb"),
        ("e\u0301", "é"),
    ],
)
def test_one_form_for_what_is_typed_in_several(raw: str, text: str) -> None:
    assert plain(raw) == text


@pytest.mark.parametrize("text", ["မႂ်ႇသုင်ၶႃႈ ၵူၼ်းတႆး ၸဝ်ႈ", "ဘာသာမန် ဍုၚ်မန် ကျာ်တြဲ", "ပှၤကညီ ကျိာ် လံာ် ကီၢ်စဲၣ်", "ကျွန်ုပ် ယောက်ျား"])
def test_other_languages_of_the_script_are_left_alone(text: str, zawgyi_probability: Callable[[str], float]) -> None:
    assert normal_text(text, zawgyi_probability).edits == ()


def test_zawgyi_becomes_the_unicode_text(zawgyi_probability: Callable[[str], float]) -> None:
    normal = normal_text(ZAWGYI, zawgyi_probability)
    assert (normal.text, normal.raw, normal.encoding) == (UNICODE, ZAWGYI, Encoding.ZAWGYI)


def test_each_line_has_its_own_encoding_and_a_short_one_goes_with_the_whole(
    zawgyi_probability: Callable[[str], float],
) -> None:
    short = "အေထြေထြ"  # well-formed in both encodings
    assert normal_text(f"{UNICODE}\n{ZAWGYI}", zawgyi_probability).text == f"{UNICODE}\n{UNICODE}"
    assert normal_text(f"{ZAWGYI}\n{short}", zawgyi_probability).text == f"{UNICODE}\nအထွေထွေ"
    assert normal_text(f"{UNICODE}\n{short}", zawgyi_probability).text == f"{UNICODE}\n{short}"


@pytest.mark.parametrize(
    ("before", "quoted", "meant", "behind"),
    [
        ("သူက “", ZAWGYI, UNICODE, "” ဟု ဖေ့စ်ဘုတ်တွင် ရေးသားခဲ့သည်။"),
        (f"{UNICODE} ", ZAWGYI, UNICODE, f" {UNICODE}"),
        (f"{UNICODE} ", ZAWGYI, UNICODE, ""),
        ("“", ZAWGYI, UNICODE, "” ဟု ဆိုသည်။"),
        ("သူက “", "ေသာၾကာေန႔", "သောကြာနေ့", "” ဟု ရေးသားခဲ့ပြီး နောက်တစ်နေ့တွင် ပြန်ဖျက်ခဲ့သည်။"),
    ],
)
def test_a_quotation_in_zawgyi_is_converted_and_the_line_around_it_left_alone(
    before: str, quoted: str, meant: str, behind: str, zawgyi_probability: Callable[[str], float]
) -> None:
    normal = normal_text(before + quoted + behind, zawgyi_probability)
    assert normal.text == before + meant + behind
    start, end = normal.raw_span(len(before), len(before + meant))
    assert normal.raw[start:end] == quoted


def test_a_line_of_many_borders_takes_no_long_time(zawgyi_probability: Callable[[str], float]) -> None:
    began = time.process_time()
    holds(normal_text(f"{UNICODE} {ZAWGYI} " * 40, zawgyi_probability))
    normal_text(f"{UNICODE} {ZAWGYI} " * 4_000, zawgyi_probability)
    assert time.process_time() - began < 5


def test_short_paragraphs_of_a_document_go_with_their_neighbours(zawgyi_probability: Callable[[str], float]) -> None:
    short = "အေထြေထြ"  # well-formed in both encodings
    raws = [ZAWGYI, short, ZAWGYI, "Yangon", UNICODE, short, UNICODE]
    normal = normal_texts(raws, zawgyi_probability)
    assert [n.text for n in normal] == [UNICODE, "အထွေထွေ", UNICODE, "Yangon", UNICODE, short, UNICODE]
    assert [n.raw for n in normal] == raws
    assert normal_texts([UNICODE, ZAWGYI, UNICODE], zawgyi_probability)[1].text == UNICODE


@pytest.mark.parametrize("codec", ["latin-1", "cp1252"])
def test_burmese_that_was_encoded_twice_is_read(codec: str) -> None:
    text = "မြို့ က – city"
    raw = text.encode().decode(codec)
    normal = normal_text(raw, None)
    assert normal.text == text
    assert normal.raw_span(0, 1) == (0, 3 * len("မြို့"))
    assert plain("á€ Été တ") == "á€ Été တ"


def test_without_a_detector_nothing_is_taken_for_zawgyi() -> None:
    assert normal_text(UNICODE, None).edits == ()
    assert normal_text(ZAWGYI, None).encoding is Encoding.UNICODE


def test_a_span_maps_back_to_what_was_typed(zawgyi_probability: Callable[[str], float]) -> None:
    normal = normal_text("at " + ZAWGYI, zawgyi_probability)
    start = normal.text.index("မြို့")
    raw_start, raw_end = normal.raw_span(start, start + len("မြို့"))
    assert normal.raw[raw_start:raw_end] == "ၿမိဳ႕"


def test_what_was_taken_out_belongs_to_the_span_that_begins_there() -> None:
    normal = normal_text("\u200bက\u200bခ\u200b", None)
    assert normal.text == "ကခ"
    assert (normal.raw_span(0, 1), normal.raw_span(1, 2)) == ((0, 2), (2, 5))


def holds(normal: NormalText) -> None:
    """The promises of edits and spans."""
    text, raw = normal.text, normal.raw
    at = raw_at = 0
    for start, end, raw_start, raw_end in normal.edits:
        assert text[at:start] == raw[raw_at:raw_start]
        assert text[start:end] != raw[raw_start:raw_end]
        at, raw_at = end, raw_end
    assert text[at:] == raw[raw_at:]
    assert normal.raw_span(0, len(text)) == (0, len(raw))
    for place in range(len(text)):
        start, end = normal.raw_span(place, place + 1)
        assert 0 <= start <= end <= len(raw)
        assert start <= normal.raw_span(place + 1, len(text))[0]


@given(anything)
@settings(max_examples=500)
def test_offsets_map_back_and_normal_text_is_its_own_normal_form(raw: str) -> None:
    normal = normal_text(raw, None)
    holds(normal)
    assert plain(normal.text) == normal.text
    assert unicodedata.is_normalized("NFC", normal.text)
    assert (normal.edits == ()) == (normal.text == raw)


@given(words.map("".join))
def test_offsets_map_back_from_a_mixture_of_encodings(zawgyi_probability: Callable[[str], float], raw: str) -> None:
    holds(normal_text(raw, zawgyi_probability))


@given(st.lists(st.sampled_from([UNICODE, ZAWGYI, ZAWGYI[:8], "ကခ", "Yangon", ""])).map("\n".join))
def test_converted_text_is_not_taken_for_zawgyi_again(zawgyi_probability: Callable[[str], float], raw: str) -> None:
    normal = normal_text(raw, zawgyi_probability)
    assert normal_text(normal.text, zawgyi_probability).edits == ()


@given(anything | st.text(st.characters(min_codepoint=0x1000, max_codepoint=0x109F), max_size=12))
@settings(max_examples=400)
def test_normalising_twice_changes_nothing_with_the_detector_either(
    zawgyi_probability: Callable[[str], float], raw: str
) -> None:
    normal = normal_text(raw, zawgyi_probability)
    holds(normal)
    assert normal_text(normal.text, zawgyi_probability).text == normal.text


@given(anything)
def test_converting_anything_at_all_keeps_the_way_back(raw: str) -> None:
    holds(normal_text(raw, lambda text: 1.0))


def texts() -> dict[str, str]:
    """Burmese in Unicode, of several hands."""
    return {
        "talpco": (SHARED / "talpco" / "my.txt").read_text(),
        "tico19": (SHARED / "tico19" / "tico19-dev.en-my.tsv").read_text(),
        "udhr": (SHARED / "myanmar-tools" / "udhr_mya_unicode_src.txt").read_text(),
        "oppaword": (SHARED / "segmentation" / "10k_test.txt").read_text(),
    }


@needs_texts
@pytest.mark.parametrize("name", ["talpco", "tico19", "udhr", "oppaword"])
def test_unicode_text_keeps_its_syllables(name: str, zawgyi_probability: Callable[[str], float]) -> None:
    raw = texts()[name]
    normal = normal_text(raw, zawgyi_probability)
    assert normal.encoding is Encoding.UNICODE
    # Syllables as they stood, but for the order of marks, what NFC composes, wa typed for zero and zero for wa, and the
    # two ways of typing jha. What is left is other lookalikes.
    before = Counter(map(bare, split(alike(unicodedata.normalize("NFC", raw)))))
    after = Counter(map(bare, split(alike(normal.text))))
    changed = (before - after).total() / before.total()
    assert changed < 0.001, f"{changed:.5f} of the syllables changed"
    assert normal_text(normal.text, zawgyi_probability).text == normal.text


def alike(text: str) -> str:
    return text.replace("ဝ", "၀").replace("စျ", "ဈ")


def bare(syllable: str) -> str:
    return "".join(sorted(syllable))


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in syllables(text)]


@needs_texts
def test_speed_is_printed_and_latin_text_costs_next_to_nothing(zawgyi_probability: Callable[[str], float]) -> None:
    burmese, latin = "\n".join(texts().values()), "Ils ont été arrêtés à l’aube.\n" * 40_000
    speed = {}
    for name, text in (("burmese", burmese), ("latin", latin)):
        started = time.process_time()
        normal_text(text, zawgyi_probability)
        speed[name] = len(text.encode()) / 1e6 / (time.process_time() - started)
    print({name: f"{figure:.1f} MB/s" for name, figure in speed.items()})
    assert speed["latin"] > 3 * speed["burmese"]
