"""The interface in Burmese: every word has one, and no page shows an English one but what has to be English.

Evidence, names of people and the operator's own words (codes, marks, lists) are shown as they are, whatever the language.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from page_examples import EXAMPLES, address_of, name_of
from starlette.applications import Starlette
from starlette.testclient import TestClient

from iimm_pipelines.accessions.items import RECEIVED
from iimm_pipelines.accessions.progress import ALL_STAGES
from iimm_pipelines.burmese.encoding import normal_text
from iimm_pipelines.engine.outcome import Kind, Reason
from iimm_pipelines.formats.parsed import FileKind, Relation
from iimm_pipelines.formats.times import Meaning
from iimm_pipelines.holding import Holding
from iimm_pipelines.page import words
from iimm_pipelines.page.answers import LANGUAGE_COOKIE
from iimm_pipelines.page.app import app
from iimm_pipelines.page.burmese_refusals import REFUSALS
from iimm_pipelines.page.burmese_words import BURMESE, TERMS
from iimm_pipelines.page.routes import ROUTES, Route
from iimm_pipelines.page.words import Language, Words
from iimm_pipelines.people.rights import RIGHTS, Role
from iimm_pipelines.search.asked_fields import FIELDS_TYPED
from iimm_pipelines.search.typed import Way

PAGE = Path(words.__file__).parent
TYPED_AS_THEY_ARE = frozenset({"record hint", "time hint", "when hint", "english"})
"""What a field takes, in the words that it takes."""
LATIN = re.compile(r"[A-Za-z]{2,}")
KEPT = frozenset({"AND", "OR", "NOT", "CSV", "ZIP", "OCR", "SHA", "MD", "UTC", "PDF", "GPS", "iimm", "verify", "up", "ui", "Dagster", "LibreOffice", "English",
                  "translate"})  # fmt: skip
"""Names of formats, commands and signs that have no other name in Burmese."""
KEPT_IN_HINTS = frozenset({"number", "unit", "place", "hash", "text", "LIB", "Hpa", "An"})
B = Words(Language.BURMESE)
HINTS = {*(B(key) for key in (*TYPED_AS_THEY_ARE, "watch hint")), B("how field", fields=", ".join(FIELDS_TYPED))}
"""What says how something is typed."""


def keys_of(file: Path) -> list[str]:
    """Keys of the table of words that a module writes down."""
    tables = (n.value for n in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(n, ast.AnnAssign))
    return [str(k.value) for t in tables if isinstance(t, ast.Dict) for k in t.keys if isinstance(k, ast.Constant)]


WRITTEN = [key for file in sorted(PAGE.glob("*words.py")) if file.stem != "burmese_words" for key in keys_of(file)]
ALL = sorted(set(WRITTEN))


def fields_of(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name)


def said(key: str, of: Words) -> str:
    english = words._WORDS[key][0]
    return of(key, **{name: f"{{{name}}}" for name in fields_of(english)})


def test_no_key_stands_twice() -> None:
    assert [key for key in ALL if WRITTEN.count(key) > 1] == []


@pytest.mark.parametrize("key", ALL)
def test_every_word_has_a_burmese_one(key: str) -> None:
    burmese = said(key, B)
    assert fields_of(burmese) == fields_of(said(key, Words(Language.ENGLISH)))
    if key in TYPED_AS_THEY_ARE:
        return
    assert re.search("[\u1000-\u109f]", burmese) or LATIN.sub("", burmese) == "" or key in ("sha256",)
    latin = set(LATIN.findall(re.sub(r"{\w+}", "", burmese)))
    assert latin <= (KEPT | KEPT_IN_HINTS if key == "watch hint" else KEPT)


@pytest.mark.parametrize("key", [*BURMESE, *TERMS])
def test_burmese_words_are_written_in_unicodes_own_order(key: str) -> None:
    text = BURMESE.get(key) or TERMS[key]
    assert normal_text(text, None).text == text
    assert not re.search("[\u200b-\u200f\u2060]", text)


def test_no_burmese_word_stands_for_nothing() -> None:
    assert sorted(set(BURMESE) - set(ALL)) == []


def test_closed_lists_have_burmese_words() -> None:
    lists: tuple[Any, ...] = (Role, FileKind, Relation, Way, Meaning, Kind, Reason, ALL_STAGES, [RECEIVED])
    assert sorted(str(v) for of in lists for v in of if str(v) not in TERMS) == []
    assert B.term("malformed") == "malformed"
    assert Words(Language.ENGLISH).term(FileKind.PICTURE) == "picture"


RULES = ("search/language", "search/typed", "search/when_and_where", "search/who_was_what", "search/asked_fields", "work/codes",
         "work/corrections", "work/record", "work/shelves", "work/tagging", "page/work_answers", "people/approvals",
         "accessions/marks")  # fmt: skip
REFUSED = frozenset(
    {"QueryInvalid", "AskedInvalid", "WorkRefused", "WithdrawnAlready", "ApprovalRefused", "RegistrationRefused"}
)


def messages() -> Iterator[str]:
    """What rules say that refuse what is typed on the page, with `{}` for what they name."""
    for rule in RULES:
        for node in ast.walk(ast.parse((PAGE.parent / f"{rule}.py").read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in REFUSED and node.args:
                said = node.args[0]
                parts = said.values if isinstance(said, ast.JoinedStr) else [said]
                if isinstance(said, ast.JoinedStr | ast.Constant):
                    yield "".join(str(p.value) if isinstance(p, ast.Constant) else "{}" for p in parts)


def test_what_is_refused_says_why_in_burmese() -> None:
    said = set(messages())
    assert len(said) > 40
    assert sorted(said - set(REFUSALS)) == []
    assert B.refusal(
        "there is no field colour: (there are name, sender); in quotes it is looked for as it is"
    ).startswith("colour: ")
    for english, burmese in REFUSALS.items():
        assert english.count("{}") == burmese.count("{}"), english
        assert normal_text(burmese, None).text == burmese


class Shown(HTMLParser):
    """Texts and attributes that a page shows of itself; what comes from evidence, people or the operator is left out.

    A page's title is its heading again, which may be somebody's name.
    """

    THEIRS = frozenset({"bdi", "code", "mark", "option", "textarea", "script", "style", "blockquote", "svg", "title"})
    CLASSES = frozenset({"evidence", "tags", "who"})
    VOID = frozenset({"meta", "link", "input", "img", "br", "hr", "image", "rect", "circle"})

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._open: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        theirs = (
            tag in self.THEIRS
            or bool(self.CLASSES & set((known.get("class") or "").split()))
            or known.get("lang") == "en"
        )
        inside = any(self._open)
        if not inside and not theirs:
            self.texts += [v for n in ("aria-label", "placeholder", "alt", "title") if (v := known.get(n))]
        if tag not in self.VOID:
            self._open.append(theirs)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID and self._open:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if not any(self._open):
            self.texts.append(data)


NUMBERS = re.compile(r"\bA\d{5}(?:-\d{4}(?:-\d{5})?)?\b|\bS-\w+|[a-z]+/[a-z0-9.+-]+|[0-9a-f]{8,}|\S+@\S+|\w+\.\w+")


def english_in(page: str) -> list[str]:
    """English words that a page shows of itself."""
    shown = Shown()
    shown.feed(page)
    texts = [t for t in shown.texts if t not in HINTS]
    return [word for text in texts for word in LATIN.findall(NUMBERS.sub(" ", text)) if word not in KEPT]


def pages() -> Iterator[Route]:
    for route in ROUTES:
        is_file = "static" in route.path or route.path.endswith((".csv", "openapi.json")) or route.link is not None
        if route.method == "GET" and route.api is None and not is_file and "organisation" not in route.path:
            yield route


@pytest.fixture(scope="module")
def in_burmese(told: Holding, at_work: Callable[..., TestClient]) -> Callable[[str], TestClient]:
    page: Starlette = app(told)
    people: dict[str, TestClient] = {}

    def make(who: str) -> TestClient:
        if who not in people:
            people[who] = at_work(page, who)
            people[who].cookies.set(LANGUAGE_COOKIE, Language.BURMESE)
        return people[who]

    return make


THEIRS_BY_PLACE = frozenset({"restricted", "COMPARTMENT", "mya", "eng"})
"""Marks and codes of languages, which stand among words of the page."""


@pytest.mark.parametrize("route", list(pages()), ids=name_of)
def test_no_page_shows_an_english_word(in_burmese: Any, route: Route) -> None:
    may = [r for r in Role if route.needs in RIGHTS[r]] or [Role.ANALYST]
    for role in may if route.path == "/engine" else may[:1]:
        for example in EXAMPLES[name_of(route)]:
            answer = in_burmese(f"all.{role.name.lower()}").get(address_of(route, example), params=example.values)
            if answer.headers.get("content-type", "").startswith("text/html"):
                left = [w for w in english_in(answer.text) if w not in THEIRS_BY_PLACE]
                assert left == [], f"{role}: {example.of}"
