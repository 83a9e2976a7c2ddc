"""What is plainly sentences, or plainly a page."""

from __future__ import annotations

from pathlib import Path

import pytest

from iimm_pipelines.formats import detect
from iimm_pipelines.formats.prose import is_page, is_prose

PACK = Path(__file__).resolve().parents[2] / ".." / "shared" / "evidence-pack"

BURMESE = "ရန်ကုန်မြို့တွင် နေထိုင်သည်။ မနက်ဖြန် ပြန်လာမည်။\n"


@pytest.mark.parametrize(
    "text",
    [
        "The letter number 0000012.",
        BURMESE,
        BURMESE * 200,
        "\ufeff" + BURMESE,
        "Three trucks passed the bridge at dawn, and nobody came back.\nWe saw them again at noon.\n",
        "Ниже по течению стояли две лодки, и никто не вышел.\n",
        f"He wrote: {BURMESE}",
    ],
)
def test_sentences_in_any_script_are_prose(text: str) -> None:
    assert is_prose(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        "import os\n\n\ndef main() -> None:\n    print(os.getcwd())\n",
        "# Title\n\nSome words follow here, and more of them.\n",
        "name: demo\nversion: 1\ndescription: the name of a thing\n",
        "FROM debian\nRUN apt-get install some small programs\n",
        "SELECT name FROM persons WHERE village = 'x';\n",
        "@echo off\necho words are written here.\n",
        "အမည်,ရွာ\nမြမြ,ဘားအံ\nအောင်,မြဝတီ\n",
        "အမည်\tရွာ\nမြမြ\tဘားအံ\n",
        '{"text": "' + BURMESE.strip() + '"}',
        "One two three sentences. " * 300 + "\nfor (i = 0; i < n; i++) { a[i] = b[i]; }\n" * 10,
        "aGVsbG8gd29ybGQgaGVsbG8gd29ybGQ\n" * 4,
        "12 345 678\n90 123 456\n",
        " \n\n ",
        "words with a \0 inside them are no text of ours.",
    ],
)
def test_code_tables_and_settings_are_not(text: str) -> None:
    assert not is_prose(text.encode())


def test_other_encodings_are_left_to_others() -> None:
    assert not is_prose("Café au lait, bien sûr, on y va.".encode("latin-1"))


def test_a_character_that_the_sample_cuts_in_two_is_no_fault() -> None:
    assert is_prose(b"a" + BURMESE.encode() * 100)


def test_a_page_begins_as_one() -> None:
    assert is_page(b"\xef\xbb\xbf\n<!-- saved --> <!DOCTYPE HTML><p>words")
    assert is_page(b"<html lang=my><body>words")
    assert not is_page(b"<htmlx>")
    assert not is_page(b"<p>a part of a page</p>")
    assert not is_page(b"<!doctype html><p><?php echo $name ?></p>")


@pytest.mark.skipif(not PACK.is_dir(), reason="the evidence pack is not here")
def test_where_a_text_is_plainly_one_magika_says_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    tools = detect.load()
    files = [p for p in sorted(PACK.glob("*/files/**/*")) if p.is_file() and p.stat().st_size < 1 << 22]
    plain = [p for p in files if is_prose(p.read_bytes()[: 1 << 16]) or is_page(p.read_bytes()[: 1 << 16])]
    found = [detect.detect(p, b"name" + p.suffix.encode(), tools.magic, tools.magika) for p in plain]
    monkeypatch.setattr(detect, "_plainly", lambda *_: None)
    for path, before in zip(plain, found, strict=True):
        said = detect.detect(path, b"name" + path.suffix.encode(), tools.magic, tools.magika)
        assert (said.media_type, said.conflict) == (before.media_type, before.conflict), path.relative_to(PACK)
    assert len({p for p, f in zip(plain, found, strict=True) if "magika" not in dict(o[:2] for o in f.opinions)}) > 40
