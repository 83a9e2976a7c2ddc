"""Persons, units, organisations and posts by rule, and the roles that entities tells; the set of invented sentences."""

import pytest

from benchmarks.names import ours, scores, sentences
from iimm_pipelines.burmese.tables import TableInvalid
from iimm_pipelines.engine.outcome import Kind
from iimm_pipelines.engine.stage import Task, Upstream
from iimm_pipelines.stages import entities
from iimm_pipelines.stages.people import known_forms, named

OWN = {"id": "NWC", "what": "watch group", "english": "Night Watch Committee", "burmese": "ညစောင့် ကော်မတီ"}


def outcome(text, tmp_path, stage=entities.STAGE):
    rows = [{"origin": "contents", "ordinal": 0, "text": text, "language": "mya"}]
    task = Task("A00001-0001-00000", 0, b"o" * 32, 100,
                upstream={"languages": Upstream(Kind.PRODUCED, None, {"normal_segments": rows})})  # fmt: skip
    return entities.apply(entities.load(stage.ingredients, tmp_path), task)


@pytest.mark.parametrize(
    ("kind", "precision", "recall"), [("person", 0.9, 0.9), ("unit", 1, 1), ("organisation", 1, 0.9)]
)
def test_what_invented_sentences_name_is_found(kind, precision, recall):
    of = sentences()
    found = scores([s.right[kind] for s in of], [ours(s.text)[kind] for s in of])
    assert found[0] >= precision
    assert found[1] >= recall


def test_a_role_links_rank_name_unit_post_and_date(tmp_path):
    text = "၂၀၂၁ ခုနှစ် မေလ ၃ ရက်နေ့က ခမရ (၃၄၅) တပ်ရင်းမှူး ဒုတိယဗိုလ်မှူးကြီး ကျော်မင်းက အမိန့်ပေးသည်။"
    (role,) = outcome(text, tmp_path).tables["roles"]
    told = {n: role[n] for n in ("person", "key", "rank", "unit", "post", "date")}
    assert told == {"person": "Kyaw Min | ကျော်မင်း", "key": "kyawmin", "rank": "LIEUTENANT-COLONEL", "unit": "LIB-345",
                    "post": "BATTALION-COMMANDER", "date": "2021-05-03"}  # fmt: skip
    assert text[role["start"] : role["end"]].startswith("ခမရ")


def persons_of(tmp_path, *texts):
    rows = [{"origin": "contents", "ordinal": i, "text": text, "language": "mya"} for i, text in enumerate(texts)]
    task = Task("A00001-0001-00000", 0, b"o" * 32, 100,
                upstream={"languages": Upstream(Kind.PRODUCED, None, {"normal_segments": rows})})  # fmt: skip
    found = entities.apply(entities.load(entities.STAGE.ingredients, tmp_path), task).tables["mentions"]
    return [(m["ordinal"], m["text"], m["key"], m["rule"]) for m in found if m["type"] == "person"]


def test_a_name_that_an_item_is_sure_of_is_found_bare_in_its_other_lines(tmp_path):
    bare = "မနေ့ညက လာသော ရိဝှမ်ဆောကို မတွေ့ပါ။"
    assert persons_of(tmp_path, bare) == []
    sure, again = persons_of(tmp_path, "ဦးရိဝှမ်ဆောက ပြောသည်။", bare)
    assert sure[:3] == (0, "ဦးရိဝှမ်ဆော", again[2])
    assert again == (1, "ရိဝှမ်ဆော", sure[2], "named in another line of the item")


def test_a_name_of_two_syllables_is_found_again_only_where_a_name_may_end(tmp_path):
    found = persons_of(tmp_path, "ဒေါ်ရိဝှမ်က ပြောသည်။", "ထို့နောက် ရိဝှမ်ကို ခေါ်သည်", "ရိဝှမ်ပျံသည်")
    assert [text for _, text, *_ in found] == ["ဒေါ်ရိဝှမ်", "ရိဝှမ်"]


def test_a_unit_number_is_no_other_form(tmp_path):
    found = outcome("စကခ (၇) နှင့် ခမရ ၃၄၅၊ ၃၄၆", tmp_path).tables["mentions"]
    assert [(m["type"], m["link"]) for m in found] == [("unit", "MOC-7"), ("unit", "LIB-345"), ("unit", "LIB-346")]


def test_an_operator_adds_organisations(tmp_path):
    stage = entities.STAGE.with_parameters({"people": {"organisations": [OWN]}})
    (mention,) = outcome("ညစောင့်ကော်မတီက ပြောသည်", tmp_path, stage).tables["mentions"]
    assert (mention["type"], mention["link"]) == ("organisation", "NWC")
    assert stage.digest != entities.STAGE.digest


def test_a_body_that_no_table_has_is_found_by_its_kind_and_is_no_part_of_a_role(tmp_path):
    tables = outcome("မန္တလေးတက္ကသိုလ် ဥက္ကဋ္ဌ ဒေါက်တာ ကျော်မင်းက ပြောသည်", tmp_path).tables
    body = next(m for m in tables["mentions"] if m["type"] == "organisation")
    assert (body["text"], body["link"], body["rule"]) == (
        "မန္တလေးတက္ကသိုလ်",
        None,
        "kind of body behind a place or a matter",
    )
    assert [(r["post"], r.get("organisation")) for r in tables["roles"]] == [("CHAIR", None)]


def test_an_operator_adds_titles_posts_and_units(tmp_path):
    own = {
        "titles": [{"id": "SCOUT-CAPTAIN", "what": "rank", "english": "Scout Captain", "burmese": "ကင်းထောက်ဗိုလ်"}],
        "posts": [{"id": "QUARRY-CHIEF", "what": "post", "burmese": "ကျောက်ကျင်းမှူး"}],
        "units": [
            {"id": "RIVER", "what": "numbered unit", "english": "River Guard", "burmese": "မြစ်စောင့်တပ်"},
            {"id": "RIVER-HQ", "what": "named unit", "english": "River Guard Headquarters"},
        ],
    }
    stage = entities.STAGE.with_parameters({"people": own})
    text = "မြစ်စောင့်တပ် (၇) ကျောက်ကျင်းမှူး ကင်းထောက်ဗိုလ် ကျော်မင်းက River Guard Headquarters သို့ သွားသည်"
    tables = outcome(text, tmp_path, stage).tables
    (role,) = tables["roles"]
    told = {n: role[n] for n in ("person", "rank", "post", "unit")}
    assert told == {"person": "Kyaw Min | ကျော်မင်း", "rank": "SCOUT-CAPTAIN", "post": "QUARRY-CHIEF", "unit": "RIVER-7"}
    assert "RIVER-HQ" in [m["link"] for m in tables["mentions"]]


@pytest.mark.parametrize(
    "row", [{"english": "No Id"}, {"id": "X"}, {"id": "X", "english": "Y", "name": "Z"}, {"id": 3, "english": "Y"}]
)
def test_an_entry_that_cannot_be_used_is_named_by_its_row(row):
    with pytest.raises(TableInvalid, match="posts, entry 2"):
        known_forms({"posts": [OWN, row]})


def test_english_words_that_are_posts_are_told_in_roles_only():
    text = "the director met U Kyaw Min"
    assert [n.type for n in named(text, known_forms({}))] == ["post", "person"]
