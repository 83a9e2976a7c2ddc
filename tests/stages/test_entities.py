"""Mentions in segments, with the real gazetteer and name model."""

import pytest

from iimm_pipelines.engine.outcome import Kind, Reason
from iimm_pipelines.engine.stage import Task, Upstream
from iimm_pipelines.engine.workers import Workers, checked
from iimm_pipelines.model_store.store import ModelDamaged, ModelMissing, ModelStore, default_folder
from iimm_pipelines.search.documents import documents
from iimm_pipelines.stages import entities


@pytest.fixture(scope="module")
def tool():
    for name in (entities.GAZETTEER_MODEL, entities.NAMES_MODEL):
        try:
            ModelStore(default_folder()).get(name)
        except (ModelMissing, ModelDamaged):
            pytest.skip(f"the model {name} is not on this machine")
    return entities.load(entities.STAGE.ingredients, default_folder())


def item(*segments, translations=()):
    rows = [{"origin": "contents", "ordinal": i, "text": text, "language": language}
            for i, (language, text) in enumerate(segments)]  # fmt: skip
    english = [
        {"origin": "contents", "ordinal": i, "text": text, "reliable": reliable} for i, text, reliable in translations
    ]
    upstream = {
        "languages": Upstream(Kind.PRODUCED, None, {"normal_segments": rows}),
        "translations": Upstream(Kind.PRODUCED, None, {"translations": english}),
    }
    return Task("A00001-0001-00000", 0, b"o" * 32, 100, upstream=upstream)


def mentions(tool, task):
    return [
        (m["on"], m["type"], m["text"], m["normal"], m["link"]) for m in entities.apply(tool, task).tables["mentions"]
    ]


def test_a_township_with_a_suffix_run_on_is_found_in_both_scripts(tool):
    task = item(("mya", "ခင်ဦးမြို့နယ်အတွင်းရှိ ကျေးရွာများသို့"))
    assert mentions(tool, task) == [("text", "place", "ခင်ဦးမြို့နယ်", "Khin-U | ခင်ဦး", "MMR005005")]


def test_the_index_gets_both_names_and_the_code(tool):
    task = item(("mya", "ခင်ဦးမြို့နယ်အတွင်းရှိ"))
    outcome = entities.apply(tool, task)
    contents = Upstream(Kind.PRODUCED, None, {"segments": [{"text": "ခင်ဦးမြို့နယ်အတွင်းရှိ"}]})
    upstream = {**task.upstream, "contents": contents, "entities": Upstream(outcome.kind, None, outcome.tables)}
    upstream["languages"].tables["normal_segments"][0]["encoding"] = "unicode"
    record = {"item": task.item, "family": 0, "parent": None, "path": b"x", "relation": "received", "size": 1}
    *_, segment = documents(Task(task.item, 0, task.object, 1, upstream=upstream, record=record))
    assert segment.fields["entities"] == ["Khin-U | ခင်ဦး", "MMR005005"]


def test_what_happened_where_and_when(tool):
    text = "၂၀၂၁ ခုနှစ် မေလ ၃ ရက်နေ့က ရေဦးမြို့နယ် ညောင်ပင်သာကျေးရွာတွင်"
    assert [m[1:] for m in mentions(tool, item(("mya", text)))] == [
        ("date", "၂၀၂၁ ခုနှစ် မေလ ၃ ရက်နေ့", "2021-05-03", None),
        ("place", "ရေဦးမြို့နယ်", "Ye-U | ရေဦး", "MMR005009"),
        ("place", "ညောင်ပင်သာကျေးရွာ", "Nyaung Pin Thar | ညောင်ပင်သာ", "172311"),
    ]


def test_persons_of_a_towns_name_are_no_place(tool):
    found = mentions(tool, item(("eng", "U Khin Maung has asked U Khin Zaw for seed. Daw Khin Aye will bring it.")))
    assert {m[1] for m in found} == {"person"}
    assert [m[2] for m in found] == ["U Khin Maung", "U Khin Zaw", "Daw Khin Aye"]


def test_names_are_found_in_the_english_of_a_mixed_segment(tool):
    burmese, english = "ရွာသားများ ပြေးကြသည်။\n", "James Porter wrote from London to the United Nations."
    task = item(("mya", burmese + english))
    task.upstream["languages"].tables["stretches"] = [
        {"origin": "contents", "ordinal": 0, "start": 0, "end": len(burmese), "language": "mya"},
        {"origin": "contents", "ordinal": 0, "start": len(burmese), "end": len(burmese + english), "language": "eng"},
    ]
    assert ("text", "person", "James Porter", "James Porter", None) in mentions(tool, task)


def test_offsets_count_code_points_of_the_text_they_lie_on(tool):
    task = item(("eng", "Call +1 202 555 0123 in Monywa."), ("mya", "ဖုန်း ၀၉ ၄၂၁ ၁၂၃ ၄၅၆"))
    for m in entities.apply(tool, task).tables["mentions"]:
        text = task.upstream["languages"].tables["normal_segments"][m["ordinal"]]["text"]
        assert text[m["start"] : m["end"]] == m["text"]


def test_names_in_a_reliable_translation_count_and_places_in_it_do_not(tool):
    english = "U Khin Maung went to Nyaung-U Township."
    found = mentions(
        tool, item(("mya", "ဟုတ်ကဲ့။"), ("mya", "ဟုတ်ကဲ့။"), translations=[(0, english, True), (1, english, False)])
    )
    assert found == [("translation", "person", "U Khin Maung", "U Khin Maung", None)]


def test_the_name_model_is_an_ingredient_of_english_items_only(tool):
    assert entities.apply(tool, item(("mya", "ခင်ဦးမြို့နယ်"))).used == {"patterns", "people", "gazetteer", "recogniser"}
    nothing = entities.apply(tool, item(("eng", "the rain in the hills")))
    assert (nothing.reason, nothing.used) == (Reason.NO_MENTIONS, {"patterns", "people", "gazetteer", "names"})


def test_without_the_models_what_needs_none_is_found_and_the_item_fails(tmp_path):
    tool = entities.load(entities.STAGE.ingredients, tmp_path)
    outcome = entities.apply(tool, item(("eng", "on 3 May 2021 in Monywa")))
    assert (outcome.reason, outcome.used) == (Reason.NO_MODEL, None)
    assert [m["type"] for m in outcome.tables["mentions"]] == ["date"]


def test_what_the_recogniser_finds_says_so_and_makes_roles(tool):
    text = "ခမရ ၃၄၅ တပ်ရင်းမှူး စန္ဒာမြင့်အောင်က ဂျပန်နိုင်ငံကို သွားသည်။"
    outcome = entities.apply(tool, item(("mya", text)))
    found = {m["type"]: m for m in outcome.tables["mentions"]}
    assert (found["person"]["text"], found["person"]["rule"][:10]) == ("စန္ဒာမြင့်အောင်", "recogniser")
    assert (found["place"]["text"], found["place"]["normal"], found["place"]["link"]) == (
        "ဂျပန်နိုင်ငံ",
        "Japan | ဂျပန်",
        "JP",
    )
    assert [(r["unit"], r["post"]) for r in outcome.tables["roles"]] == [("LIB-345", "BATTALION-COMMANDER")]


def test_a_name_of_another_country_is_also_found_as_it_is_written_there(tool):
    text = "အမေရိကန်သမ္မတ ရောဘတ်ဝီလျံစ် (Robert Williams) က ပြောကြားသည်။"
    found = {m[2] for m in mentions(tool, item(("mya", text))) if m[1] == "person"}
    assert found == {"ရောဘတ်ဝီလျံစ်", "Robert Williams"}


@pytest.mark.parametrize("text", ["ချောကလက်က ကောင်းတယ်။", "အာလူးသည် ဈေးကြီးသည်။", "ဂီတာကို ဝယ်ခဲ့ပါ။"])
def test_a_thing_is_no_person(tool, text):
    assert entities.apply(tool, item(("mya", text))).reason is Reason.NO_MENTIONS


def test_of_an_ambiguous_place_all_that_may_be_meant_stand_with_how_likely_each_is(tool):
    outcome = entities.apply(tool, item(("mya", "စစ်ကိုင်းတိုင်းဒေသကြီးရှိ ရွာသစ်ကျေးရွာသို့ ရောက်သည်။")))
    (village,) = (m for m in outcome.tables["mentions"] if m["text"] == "ရွာသစ်ကျေးရွာ")
    assert village["link"] is None
    assert len(village["candidates"]) == len(village["likely"]) > 10
    assert 900_000 < sum(village["likely"]) <= 1_000_000
    assert len(set(village["likely"])) > 1  # those of the region that the text names are likelier


@pytest.mark.parametrize(("text", "code"), [("in Moulmein Township", "MMR011001"), ("Rangoon Region", "MMR013")])
def test_a_former_name_leads_to_the_place(tool, text, code):
    assert [m[4] for m in mentions(tool, item(("eng", text)))] == [code]


def test_an_item_without_text_is_left_out():
    assert entities.STAGE.triage(item()).reason is Reason.NO_INPUT


def test_the_same_item_gives_the_same_rows_in_a_worker(tool, tmp_path):
    tasks = [item(("eng", f"Order {i}: U Khin Maung of Monywa, 3 May 2021, +1 202 555 0123")) for i in range(3)]
    with Workers(entities.STAGE, processes=1, models=default_folder(), scratch=tmp_path, memory=1 << 30) as workers:
        done = [d.outcome for _, d in workers.run(tasks)]
    assert done == [checked(entities.STAGE, entities.apply(tool, task)) for task in tasks]
