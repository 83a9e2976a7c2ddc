"""Languages: normal form and language of segments, on sentences and on public corpora."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iimm_pipelines.engine.outcome import Kind
from iimm_pipelines.engine.stage import Task, Upstream
from iimm_pipelines.stages import languages

SHARED = Path(__file__).resolve().parents[2] / ".." / "shared" / "burmese"


@pytest.fixture(scope="module", name="tool")
def a_tool() -> languages.Tool:
    models = Path(os.environ.get("IIMM_CACHE", "~/.cache/iimm")).expanduser() / "models"
    return languages.load(languages.STAGE.ingredients, models)


def task(*texts: str) -> Task:
    rows = [{"text": t, "field": "text"} for t in texts]
    return Task(item="A00001-0000-00000", place=0, object=b"", size=0,
                upstream={"contents": Upstream(Kind.PRODUCED, None, {"segments": rows})})  # fmt: skip


def said(tool: languages.Tool, text: str) -> tuple[str, str]:
    (row,) = languages.apply(tool, task(text)).tables["normal_segments"]
    return row["language"], row["script"]


@pytest.mark.parametrize(("text", "language", "script"), [
    ("စစ်သားများသည် ရွာကို မီးရှို့ခဲ့ကြသည်။", "mya", "Mymr"),
    ("The soldiers burned the village on Monday.", "eng", "Latn"),
    ("Les soldats ont brûlé le village lundi matin.", "fra", "Latn"),
    ("ทหารเผาหมู่บ้านเมื่อวันจันทร์", "tha", "Thai"),
    ("军队在星期一烧毁了村庄", "zho", "Hani"),
    ("12345 --- 67", "und", "Zyyy"),
    ("ih si", "und", "Latn"),
    ("ပအိုဝ်ႏ လိတ်မဲ့ငါ စာႏရင်ꩻ ပြောင်ꩻလုဲင်ႏ", "blk", "Mymr"),
    ("ၼႂ်းမိူင်းတႆး မီးသိုၵ်း ၵူၼ်းဝၢၼ်ႈလႆႈပၢႆႈ", "shn", "Mymr"),
    ("𐴀𐴝𐴡𐴝𐴌𐴟𐴇𐴥𐴝", "rhg", "Rohg"),
    ("Mi zawng zawng hi zalên takin an piang a, chuan dikna an nei.", "lus", "Latn"),
])  # fmt: skip
def test_a_sentence_has_its_language_and_script(tool: languages.Tool, text: str, language: str, script: str) -> None:
    assert said(tool, text) == (language, script)


def test_zawgyi_comes_out_as_unicode_burmese_with_its_raw_text_beside_it(tool: languages.Tool) -> None:
    raw = "ေက်ာင္းေဆာင္ အေနာက္ဘက္ ေရတြင္းမွာ လူမ်ား စုေဝးခဲ့ၾကသည္။"
    (row,) = languages.apply(tool, task(raw)).tables["normal_segments"]
    assert (row["language"], row["encoding"], row["raw"]) == ("mya", "zawgyi", raw)
    assert "ကျောင်းဆောင်" in row["text"]


BURMESE, ENGLISH = "ရွာသားများသည် တောထဲသို့ ထွက်ပြေးခဲ့ကြရသည်။", "The villagers had to flee into the forest."
SHAN, FRENCH = "ၼႂ်းမိူင်းတႆး မီးသိုၵ်း ၵူၼ်းဝၢၼ်ႈလႆႈပၢႆႈ", "Les villageois ont dû fuir dans la forêt avec leurs enfants."


@pytest.mark.parametrize(("first", "second", "languages_of"), [
    (BURMESE, ENGLISH, ["mya", "eng"]),
    (SHAN, BURMESE, ["shn", "mya"]),
    (ENGLISH, FRENCH, ["eng", "fra"]),
])  # fmt: skip
def test_a_mixed_segment_is_one_row_and_its_stretches_say_where_it_changes(
    tool: languages.Tool, first: str, second: str, languages_of: list[str]
) -> None:
    tables = languages.apply(tool, task(f"{first}\n{second}")).tables
    assert len(tables["normal_segments"]) == 1
    stretches = tables["stretches"]
    assert [(s["language"], s["start"], s["end"]) for s in stretches] == [
        (languages_of[0], 0, len(first) + 1), (languages_of[1], len(first) + 1, len(first) + 1 + len(second)),
    ]  # fmt: skip
    assert tables["normal_segments"][0]["language"] in languages_of


def test_a_segment_in_one_language_has_no_stretches(tool: languages.Tool) -> None:
    text = f"{BURMESE} {BURMESE}\nKNLA {BURMESE}"
    assert languages.apply(tool, task(text, ENGLISH)).tables["stretches"] == []


@given(
    st.lists(
        st.sampled_from([BURMESE, ENGLISH, SHAN, FRENCH, "\n", " ", "12", "ab. ", "ရွာ။ ", "村庄"]), max_size=12
    ).map("".join)
)
def test_stretches_cover_their_segment(tool: languages.Tool, text: str) -> None:
    found = list(languages.stretches_of(tool, text))
    assert (found[0].run.start, found[-1].run.end) == (0, len(text))
    assert all(a.run.end == b.run.start for a, b in zip(found, found[1:], strict=False))


def test_segments_keep_their_origin_and_place(tool: languages.Tool) -> None:
    rows = languages.apply(tool, task("One sentence here.", "Another sentence there.")).tables["normal_segments"]
    assert [(r["origin"], r["ordinal"]) for r in rows] == [("contents", 0), ("contents", 1)]


@pytest.mark.skipif(not SHARED.exists(), reason="the public corpora are not beside the repository")
@pytest.mark.parametrize(("file", "column", "language", "least"), [
    ("tico19/tico19-dev.en-my.tsv", 2, "mya", 0.99),
    ("tico19/tico19-dev.en-my.tsv", 1, "eng", 0.99),
])  # fmt: skip
def test_public_sentences_have_their_language(tool: languages.Tool, file: str, column: int, language: str,
                                              least: float) -> None:  # fmt: skip
    lines = (SHARED / file).read_text(encoding="utf-8").splitlines()
    rows = languages.apply(tool, task(*(line.split("\t")[column] for line in lines))).tables["normal_segments"]
    share = sum(r["language"] == language for r in rows) / len(rows)
    print(f"{file}, column {column}: {share:.4f} of {len(rows)} called {language}")
    assert share >= least
