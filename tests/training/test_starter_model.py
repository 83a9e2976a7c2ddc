"""The starter model as it ships: complete, loadable by the locked engine, and what its card says it is."""

import hashlib
import tomllib
from pathlib import Path

import pytest

from iimm_pipelines.stages.model_text import for_model

FOLDER = Path(__file__).resolve().parents[2] / "iimm_pipelines" / "model_store" / "starter" / "my-en"
CARD = tomllib.loads((FOLDER / "card.toml").read_text(encoding="utf-8"))
DECODING = tomllib.loads((FOLDER / "decoding.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def translate():
    import ctranslate2
    import sentencepiece

    model = ctranslate2.Translator(str(FOLDER), device="cpu", compute_type="int8", intra_threads=1)
    source, target = (
        sentencepiece.SentencePieceProcessor(model_file=str(FOLDER / f"{side}.spm")) for side in ("source", "target")
    )

    def run(prepared):
        (found,) = model.translate_batch(
            [source.encode(prepared, out_type=str)],
            beam_size=DECODING["beam_size"],
            length_penalty=DECODING["length_penalty"],
            max_decoding_length=DECODING["longest_target_pieces"],
            return_scores=True,
        )
        return target.decode(found.hypotheses[0]), round(found.scores[0] * 1e6)

    return run


def test_the_card_pins_every_file_of_the_folder():
    digests = {file["name"]: file["sha256"] for file in CARD["files"]}
    assert digests == {
        p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in FOLDER.iterdir() if p.name != "card.toml"
    }


def test_the_folder_is_small_enough_to_ship():
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 20_000_000


def test_a_sentence_of_its_templates_is_translated_and_called_reliable(translate):
    english, score = translate(for_model("၂၀၂၁ ခုနှစ် မေလ ၃ ရက်နေ့က စစ်သားများက နေအိမ် ၁၂ လုံးကို မီးရှို့ခဲ့သည်။"))
    assert english == "Soldiers burned 12 houses on 3 May 2021."
    assert score >= DECODING["reliable_from_millionths"]


def test_text_that_it_cannot_know_is_called_unreliable(translate):
    _, score = translate(for_model("ဘောလုံးပွဲကို ရုပ်မြင်သံကြားကနေ ကြည့်ရင်း စာမေးပွဲအကြောင်း တွေးနေမိတယ်။"))
    assert score < DECODING["reliable_from_millionths"]


def test_a_hidden_name_comes_back(translate):
    hidden = for_model("စစ်သားများက ညောင်ပင်သာကျေးရွာကို မီးရှို့ခဲ့သည်။").replace(for_model("ညောင်ပင်သာ"), "<e3>")
    assert "<e3> village" in translate(hidden)[0]
