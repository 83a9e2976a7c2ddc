"""The distractors distract, and the files to be found are the only ones with the words side by side."""

import math
import re
import tomllib
from collections import Counter
from email import message_from_bytes, policy
from pathlib import Path
from zipfile import ZipFile

import pytest

from iimm_pipelines.sample import letters
from iimm_pipelines.sample.searches import SEARCHES, Search

# What the stages make of files that have no English text of their own.
DERIVED = {
    "accession-1/sounds/radio-1.wav": letters.RADIO_RIVER.replace(". ", ".\n"),
    "accession-1/statements/ye-u.txt": "Soldiers from Light Infantry Battalion 977 burned 12 houses in Nyaung Pin Thar "
    "village, Ye-U Township on 3 May 2021.",
    "accession-1/mail/post-bag.zip": "To the villages in Khin-U Township",
}


def words(text: str) -> list[str]:
    """As the `standard` analyser cuts: Burmese at spaces and stops only, other text into words."""
    return re.findall(r"[\u1000-\u1049\u104c-\u109f]+|[a-z0-9']+", text.lower())


def syllables(text: str) -> list[str]:
    return re.findall(r"[က-အဥဧ](?:[ါ-ှ]|[က-အ](?=့?်))*|[0-9a-z]+", text.lower())


def readable_text(path: Path) -> str:
    raw = path.read_bytes()
    text = raw.decode("utf-16") if raw.startswith(b"\xff\xfe") else raw.decode("utf-8", "replace")
    return re.sub(r"<[^>]+>", "", text)


@pytest.fixture(scope="module")
def texts(sample: Path) -> dict[str, str]:
    """The text of each file that has some, by path."""
    found = {
        str(path.relative_to(sample)): readable_text(path)
        for path in sample.glob("accession-*/**/*")
        if path.suffix in {".txt", ".html"}
    }
    return {path: f"{found.get(path, '')}\n{DERIVED.get(path, '')}" for path in found | DERIVED}


def best_segments(texts: dict[str, str], query: str) -> dict[str, float]:
    """BM25 (k1 1.2, b 0.75) of any word of the query, the best line of each file."""
    lines = [(path, Counter(words(line))) for path, text in texts.items() for line in text.splitlines() if words(line)]
    average = sum(line.total() for _, line in lines) / len(lines)
    scores: dict[str, float] = {}
    for path, line in lines:
        score = 0.0
        for word in words(query):
            holding = sum(word in other for _, other in lines)
            rarity = math.log(1 + (len(lines) - holding + 0.5) / (holding + 0.5))
            score += rarity * line[word] * 2.2 / (line[word] + 1.2 * (0.25 + 0.75 * line.total() / average))
        scores[path] = max(score, scores.get(path, 0.0))
    return scores


@pytest.mark.parametrize("search", SEARCHES, ids=lambda search: search.id)
def test_a_standard_analyser_puts_all_three_distractors_first(search: Search, texts: dict[str, str]) -> None:
    scores = best_segments(texts, search.query)
    wanted = scores[search.first_hit or search.hidden or ""]
    assert [path for path in search.distractors if scores[path] <= wanted] == []


@pytest.mark.parametrize("search", SEARCHES, ids=lambda search: search.id)
def test_only_the_wanted_file_holds_the_words_side_by_side(search: Search, texts: dict[str, str]) -> None:
    query = SEARCHES[0].query if search.id == "zawgyi" else search.query
    phrase = " ".join(syllables(query))
    holding = {path for path, text in texts.items() if f" {phrase} " in f" {' '.join(syllables(text))} "}
    assert holding == {search.first_hit or search.hidden}


def test_each_named_file_is_in_the_sample(sample: Path) -> None:
    for search in tomllib.loads((sample / "searches.toml").read_text(encoding="utf-8"))["search"]:
        for path in [*search["distractors"], search.get("first_hit") or search["hidden"]]:
            assert (sample / path).is_file()


def test_the_place_is_named_only_in_the_attachment_of_the_mail_in_the_zip(sample: Path) -> None:
    place = next(search for search in SEARCHES if search.id == "place")
    with ZipFile(sample / str(place.first_hit)) as archive:
        message = message_from_bytes(archive.read(place.members[0]), policy=policy.default)
    naming = [
        part.get_filename() for part in message.walk() if "ခင်ဦး".encode() in (part.get_payload(decode=True) or b"")
    ]
    assert naming == [place.members[1]]
