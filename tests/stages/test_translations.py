"""English for segments, by the starter model as it ships."""

import pytest

from iimm_pipelines.engine.outcome import Kind, Reason
from iimm_pipelines.engine.stage import HINTS, Task, Upstream
from iimm_pipelines.engine.workers import Workers, checked
from iimm_pipelines.model_store.store import default_folder
from iimm_pipelines.sample.letters import BURNED_HOUSES
from iimm_pipelines.stages import translations
from iimm_pipelines.stages.model_text import for_model

BURNED = BURNED_HOUSES.split("\n\n")[2]
ON = {"starter_models": True}


@pytest.fixture(scope="module")
def tool():
    return translations.load(translations.STAGE.ingredients, default_folder())


def item(*segments, hints=ON):
    scripts = {"mya": "Mymr", "eng": "Latn", "fra": "Latn", "shn": "Mymr", "und": "Latn"}
    rows = [{"origin": "contents", "ordinal": i, "text": text, "language": language, "script": scripts[language],
             "confidence": 900_000} for i, (language, text) in enumerate(segments)]  # fmt: skip
    upstream = {"languages": Upstream(Kind.PRODUCED, None, {"normal_segments": rows})}
    return Task("A00001-0001-00000", 0, b"o" * 32, 100, upstream=upstream, hints=hints)


def rows(tool, *texts):
    return translations.apply(tool, item(*(("mya", text) for text in texts))).tables["translations"]


def test_the_samples_search_is_answered(tool):
    (row,) = rows(tool, BURNED)
    assert "burned 12 houses" in row["text"]


def test_a_translation_says_which_model_made_it(tool):
    (row,) = rows(tool, BURNED)
    assert (row["model"], row["status"], row["origin"], row["ordinal"]) == ("my-en", "starter", "contents", 0)
    assert -5_000_000 < row["score"] < 0


def test_the_same_text_gives_the_same_english_whatever_stands_beside_it(tool):
    alone = rows(tool, BURNED)[0]
    among = rows(tool, *(f"{line}။" for line in ["ရေ", "ဆန်", "လမ်း", "ကျောင်း", "ဆရာမ"]), BURNED)[-1]
    assert {**among, "ordinal": 0} == alone
    assert rows(tool, BURNED) == [alone]


def test_only_burmese_is_translated_and_the_rest_of_a_mixed_item_left_out(tool):
    outcome = translations.apply(tool, item(("fra", "Cher collègue"), ("mya", BURNED), ("eng", "Yes.")))
    assert [r["ordinal"] for r in outcome.tables["translations"]] == [1]
    assert outcome.used == {translations.MODEL, HINTS}


def test_of_a_mixed_segment_only_the_burmese_is_translated(tool):
    shan = "ၼႂ်းမိူင်းတႆး မီးသိုၵ်း\n"
    task = item(("shn", shan + BURNED))
    task.upstream["languages"].tables["stretches"] = [
        {
            "origin": "contents",
            "ordinal": 0,
            "start": a,
            "end": b,
            "language": language,
            "script": "Mymr",
            "confidence": 1,
        }
        for a, b, language in ((0, len(shan), "shn"), (len(shan), len(shan + BURNED), "mya"))
    ]
    (row,) = translations.apply(tool, task).tables["translations"]
    assert row["text"].startswith(shan)
    assert "burned 12 houses" in row["text"]


def test_lines_without_burmese_stay_as_they_are(tool):
    (row,) = rows(tool, f"Su Su\n14 February 2022\n{BURNED}")
    assert row["text"].startswith("Su Su\n14 February 2022\n")


def test_a_long_text_without_a_full_stop_is_cut_and_nothing_of_it_left_out(tool):
    text = "ရွာသားများ သည် ကျောင်း သို့ သွားသည် " * 80
    parts = list(translations._short_enough(tool, text))
    assert "".join(parts) == text
    assert all(len(for_model(part).split()) <= 60 for part in parts)
    assert (
        max(tool.pieces(for_model(part)) for part in translations._short_enough(tool, "." * 900 + text)) <= tool.longest
    )


def test_another_number_makes_a_translation_unreliable(tool):
    sentence = translations.Sentence("12 houses", -1, 3, ended=True)
    segment = item(("mya", "အိမ် ၁၃ လုံး")).upstream["languages"].tables["normal_segments"][0]
    assert not translations._row(tool, segment, [("x", False)], {"x": sentence})["reliable"]
    assert translations._row(tool, {**segment, "text": "အိမ် ၁၂ လုံး"}, [("x", False)], {"x": sentence})["reliable"]


def test_a_placeholder_in_the_evidence_reaches_the_model_as_plain_letters(tool):
    seen = [text for text, _ in translations._sentences(tool, "ရွာ<e0>သား ရွာ<e7>")]
    assert all("<e0>" not in text and "<e7>" not in text for text in seen)


def test_an_invented_placeholder_makes_a_translation_unreliable(tool):
    segment = item(("mya", "ရွာ")).upstream["languages"].tables["normal_segments"][0]
    sentence = translations.Sentence("<e5> village", -1, 3, ended=True)
    assert not translations._row(tool, segment, [("x", False)], {"x": sentence})["reliable"]


@pytest.mark.parametrize(("segments", "reason"), [
    ((), Reason.NO_INPUT), ((("eng", "Yes."),), Reason.NO_NEED), ((("eng", "Yes."), ("und", "12")), Reason.NO_NEED),
])  # fmt: skip
def test_what_needs_no_english_costs_nothing(segments, reason):
    outcome = translations.STAGE.triage(item(*segments))
    assert (outcome.reason, outcome.used) == (reason, frozenset())


def test_a_language_without_a_model_is_a_failure_by_name(tool):
    task = item(("shn", "ၶေႃႈထတ်း"), ("eng", "Yes."))
    assert translations.STAGE.triage(task) is None
    outcome = translations.apply(tool, task)
    assert (outcome.reason, outcome.used) == (Reason.NO_MODEL, None)


@pytest.mark.parametrize("hints", [{}, {"starter_models": False}])
def test_a_starter_model_stays_off_until_an_operator_switches_it_on(tool, hints):
    outcome = translations.apply(tool, item(("mya", BURNED), hints=hints))
    assert (outcome.reason, outcome.used) == (Reason.SWITCHED_OFF, {HINTS})


def test_a_worker_gives_the_same_rows(tool, tmp_path):
    tasks = [item(("mya", BURNED)), item(("mya", f"{BURNED}\n{BURNED[:60]}"))]
    stage = translations.STAGE.with_hints("0" * 64)
    with Workers(stage, processes=1, models=default_folder(), scratch=tmp_path, memory=1 << 30) as workers:
        done = [d.outcome for _, d in workers.run(tasks)]
    assert done == [checked(stage, translations.apply(tool, task)) for task in tasks]
