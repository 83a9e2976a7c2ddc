"""Burmese queries on a real index: whatever way they are typed, they find the same, and the hit says how."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from small_evidence import iimm, process, receive

from iimm_pipelines.accessions.items import read_items
from iimm_pipelines.holding import Holding
from iimm_pipelines.search.access import reader
from iimm_pipelines.search.query import Hit, search
from iimm_pipelines.search.synonyms import SynonymsInvalid
from iimm_pipelines.search.typed import Way

FILES = {
    "town.txt": "မနေ့ကရန်ကုန်မြို့တွင်ကုန်သည်များစုဝေးကြသည်။\n",
    "mixed.txt": "ရန်ကုန် office တွင် ဖုန်း ၀၉၄၂၀၁၂၃၄၅ကို Nokia 3310 ဖြင့် ခေါ်သည်။\n",
    "reversed.txt": "ကုန်ရန်မရှိသေးသောပစ္စည်းများ။\n",
    "owner.txt": "မြန်မာ့လယ်သမားများ၏မြေ။\n",
    "untoned.txt": "ကိုရီယာစစ်သားများ။\n",
    "minister.txt": "၀န်ကြီးဌာနမှ စာတစ်စောင် ရောက်သည်။\n",
    "unit.txt": "ခလရ (၃၄၅) မှ တပ်ဖွဲ့ဝင်များ။\n",
    "ava.txt": "အင်း၀မြို့ဟောင်းနှင့် အင်း၀",
    "old.txt": "The office moved from Moulmein by train.\n",
    "chat.txt": "31/12/2020, 21:05 - ဦးကျော်မင်းထွန်း: ပစ္စည်းများရောက်ပြီ။\n31/12/2020, 21:06 - Daw Thida Khin: Good.\n",
    "long.txt": "ကျွန်း" * 60 + "သည်ရန်ကုန်မြောက်ပိုင်းတွင်" + "ရှိသောမြို့ကြီး" * 60 + "\n",
}
FOUND = {"town.txt", "mixed.txt", "long.txt"}
OTHERS = "ပုဇွန်တောင်, Pazundaung, Monkey Point # an old name of a part\nထောက်လှမ်းရေး၊, စရဖ\n"

Ask = Callable[[str], dict[str, Hit]]


@pytest.fixture(scope="module", name="holding")
def with_texts(new_holding: Callable[..., Holding], tmp_path_factory: pytest.TempPathFactory) -> Holding:
    holding = new_holding(synonyms="others.txt")
    (holding.settings.data / "others.txt").write_text(OTHERS, encoding="utf-8")
    receive(holding, tmp_path_factory.mktemp("burmese"), {**FILES, "part.txt": "He lived at Monkey Point.\n"})
    process(holding)
    return holding


@pytest.fixture(scope="module", name="ask")
def by_name(holding: Holding) -> Ask:
    """Hits by the name of the file that they are in."""
    names = {
        str(i.number): i.path.decode() for s in holding.catalogue.shards() for i in read_items(holding.parts, s.number)
    }
    return lambda typed: {names[h.item]: h for h in search(holding, reader(holding, "analyst"), typed, 50).hits}


def test_a_name_is_found_inside_a_sentence_without_spaces_and_not_in_another_order(ask: Ask) -> None:
    assert ask("ရန်ကုန်").keys() == FOUND
    assert ask("ကုန်ရန်").keys() == {"reversed.txt"}


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param("ရန္ကုန္", id="Zawgyi"),
        pytest.param("ရန်\u200bကုန်\u200c", id="zero-width"),
        pytest.param("ရန်ကုန", id="asat not yet typed"),
        pytest.param('"ရန်ကုန်"', id="quoted"),
        pytest.param("ရန်ကုန်။", id="with a full stop"),
        pytest.param("  ရန်ကုန် ", id="with spaces"),
    ],
)
def test_a_name_is_found_however_it_is_typed(ask: Ask, typed: str) -> None:
    assert ask(typed).keys() == FOUND


def test_what_is_not_typed_to_its_end_says_so(ask: Ask) -> None:
    assert ask("ရန်ကုန")["town.txt"].way is Way.MENDED
    assert ask("ရန်ကုန်")["town.txt"].way is Way.WRITTEN


@pytest.mark.parametrize("typed", ["ဝန်ကြီးဌာန", "၀န်ကြီးဌာန", unicodedata.normalize("NFD", "ဝန်ကြီးဌာန"), "၀န္ႀကီးဌာန"])
def test_a_nought_typed_for_a_letter_is_the_letter(ask: Ask, typed: str) -> None:
    assert ask(typed).keys() == {"minister.txt"}


@pytest.mark.parametrize("typed", ["အင်းဝ", "အင်း၀", "ဟောင်းနှင့် အင်းဝ"])
def test_a_nought_at_the_end_of_a_word_may_be_the_letter(ask: Ask, typed: str) -> None:
    assert ask(typed).keys() == {"ava.txt"}


def test_both_orders_of_marks_and_decomposed_letters_are_one(ask: Ask) -> None:
    assert ask("မြန်မာ့လယ်သမား").keys() == ask(unicodedata.normalize("NFD", "မြန်မာ့လယ်သမား")).keys() == {"owner.txt"}
    assert ask("စုဝေးကြသည်").keys() == ask("စုေဝးၾကသည္").keys() == {"town.txt"}


@pytest.mark.parametrize("typed", ["0942012345", "၀၉၄၂၀၁၂၃၄၅", "NOKIA ၃၃၁၀", "ရန်ကုန် nokia", "ဖုန်း0942012345"])
def test_scripts_and_digits_meet_in_one_field(ask: Ask, typed: str) -> None:
    assert ask(typed).keys() == {"mixed.txt"}


def test_a_word_is_found_in_its_possessive_and_in_another_tone_after_what_is_written_so(ask: Ask) -> None:
    assert ask("မြန်မာ")["owner.txt"].way is Way.ENDING
    assert ask("ကိုရီးယား")["untoned.txt"].way is Way.ENDING
    assert ask("မြန်မာ့")["owner.txt"].way is Way.WRITTEN


def test_what_is_quoted_is_found_as_it_is_typed_only(ask: Ask) -> None:
    assert ask('"မြန်မာ"') == ask('"ကိုရီးယား"') == ask('"Kyaw Min"') == ask('"Mawlamyine"') == {}


def test_what_is_found_is_marked_as_one_stretch_of_whole_syllables(ask: Ask) -> None:
    assert ask("ရန်ကုန်")["town.txt"].highlights["text"] == [FILES["town.txt"].strip().replace("ရန်ကုန်", "<em>ရန်ကုန်</em>")]
    assert "<em>မြန်မာ့</em>လယ်" in ask("မြန်မာ")["owner.txt"].highlights["text.loose"][0]


def test_a_long_text_is_cut_between_syllables(ask: Ask) -> None:
    (piece,) = ask("ရန်ကုန်")["long.txt"].highlights["text"]
    text = piece.replace("<em>", "").replace("</em>", "")
    assert len(text) < 200
    assert text in FILES["long.txt"]
    assert text.startswith("ကျွန်း")
    assert text.endswith(("ရှိ", "သော", "မြို့", "ကြီး"))


@pytest.mark.parametrize("typed", ["Kyaw Min", "Kyawmin", "U Kyaw Min Tun", "kyaw minn htun", "ကျော်မင်း", "ကြော်မင်းထွန်း"])
def test_a_burmese_name_is_found_in_latin_letters_and_in_another_spelling(ask: Ask, typed: str) -> None:
    hit = ask(typed)["chat.txt"]
    assert hit.fields["sender"] == "ဦးကျော်မင်းထွန်း"


def test_a_hit_by_sound_says_so_and_shows_the_name(ask: Ask) -> None:
    hit = ask("Kyaw Min")["chat.txt"]
    assert (hit.way, hit.highlights["people"]) == (Way.SOUND, ["ဦး<em>ကျော်မင်း</em>ထွန်း"])
    assert ask("Kyaw Min ပစ္စည်း")["chat.txt"].way is Way.SOUND
    assert ask("ကျော်မင်းထွန်း")["chat.txt"].way is Way.WRITTEN


def test_a_latin_name_is_found_in_burmese(ask: Ask) -> None:
    assert ask("သီတာခင်")["chat.txt"].fields["sender"] == "Daw Thida Khin"


@pytest.mark.parametrize("typed", ["Min Kyaw", "Kyaw", "ခင်သီတာ", "Kyaw Tun"])
def test_a_sound_in_another_order_and_of_one_syllable_is_none(ask: Ask, typed: str) -> None:
    assert "chat.txt" not in ask(typed)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Mawlamyine", "old.txt"), ("မော်လမြိုင်", "old.txt"), ("Mawlamyine train", "old.txt"), ("IB ၃၄၅", "unit.txt"),
        ("Rangoon", "town.txt"), ("Pazundaung", "part.txt"), ("ပုဇွန်တောင်", "part.txt"),
    ],
)  # fmt: skip
def test_other_names_find_the_same_and_say_so(ask: Ask, typed: str, name: str) -> None:
    assert ask(typed)[name].way is Way.SYNONYM


def test_the_command_line_says_how_a_hit_was_found(holding: Holding) -> None:
    said = iimm("search", "Kyaw Min", "--as", "analyst", data=holding.settings.data).stdout
    assert "found by its sound" in said


def test_an_operators_file_counts_as_soon_as_it_is_changed_and_a_wrong_one_is_refused(
    new_holding: Callable[..., Holding], tmp_path: Path
) -> None:
    file = tmp_path / "names.txt"
    holding = new_holding(synonyms=str(file))
    for written, said in ((None, "names.txt"), ("one\n", "line 1")):
        if written:
            file.write_text(written, encoding="utf-8")
        with pytest.raises(SynonymsInvalid, match=said):
            search(holding, reader(holding, "analyst"), "one")
