"""Given texts: what a load file says in full of a document, as segments that say whose they are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from iimm_pipelines.engine.outcome import Kind, Reason
from iimm_pipelines.engine.stage import Task, Upstream
from iimm_pipelines.search.documents import documents
from iimm_pipelines.stages import given, languages


def task(*texts: tuple[str, str, str], **more: object) -> Task:
    rows = [{"role": r, "maker": m, "text": t} for r, m, t in texts]
    claims = [{"number": "ABC1", "role": "file", "maker": None, "texts": rows or None, **more}]
    return Task(item="A00001-0000-00000", place=0, object=b"", size=0,
                upstream={"inventory": Upstream(Kind.PRODUCED, None, {"claims": claims})})  # fmt: skip


def test_a_text_is_cut_into_segments_under_its_role_and_maker() -> None:
    outcome = given.apply(
        None, task(("translation", "human", "One.\n\nTwo."), ("extracted text", "other system", "Three."))
    )
    assert outcome.tables["segments"] == [
        {"text": "One.", "field": "translation", "paragraph": 1, "maker": "human"},
        {"text": "Two.", "field": "translation", "paragraph": 2, "maker": "human"},
        {"text": "Three.", "field": "extracted text", "paragraph": 1, "maker": "other system"},
    ]


def test_items_without_given_text_have_one_and_the_same_outcome() -> None:
    nothing = Task(item="A00001-0000-00001", place=1, object=b"", size=0)
    outcomes = [given.triage(task()), given.triage(task(number="other")), given.triage(nothing)]
    assert {(o.reason, o.used) for o in outcomes if o} == {(Reason.NO_INPUT, frozenset())}
    assert given.triage(task(("transcript", "human", "x"))) is None


def test_a_text_of_blanks_is_no_text() -> None:
    assert given.apply(None, task(("translation", "human", " \n "))).reason is Reason.NO_TEXT


@pytest.mark.parametrize(("role", "expected"), [("translation", ("translation", "human")), ("file", (None, None))])
def test_a_file_that_a_list_calls_a_translation_is_one_in_search(
    role: str, expected: tuple[str | None, str | None]
) -> None:
    claims = [{"number": "ABC1", "role": role, "maker": "human", "texts": None}]
    segments = [{"text": "A letter", "field": "text"}]
    normal = [{"origin": "contents", "ordinal": 0, "text": "A letter", "language": "eng", "encoding": "unicode"}]
    upstream = {
        "inventory": {"claims": claims},
        "contents": {"segments": segments},
        "languages": {"normal_segments": normal},
    }
    record = {
        "item": "A00001-0000-00000",
        "family": 0,
        "parent": None,
        "path": b"a",
        "relation": "rendition",
        "size": 8,
    }
    made = Task(item="A00001-0000-00000", place=0, object=b"", size=8, record=record,
                upstream={n: Upstream(Kind.PRODUCED, None, t) for n, t in upstream.items()})  # fmt: skip
    item, segment = documents(made)
    assert item.fields["number"] == ["ABC1"]
    assert (segment.fields.get("given"), segment.fields.get("maker")) == expected


def test_languages_read_given_texts_like_any_other() -> None:
    models = Path(os.environ.get("IIMM_CACHE", "~/.cache/iimm")).expanduser() / "models"
    made = given.apply(None, task(("translation", "human", "The soldiers burned the village on Monday.")))
    upstream = {"given": Upstream(Kind.PRODUCED, None, made.tables)}
    told = Task(item="A00001-0000-00000", place=0, object=b"", size=0, upstream=upstream)
    (row,) = languages.apply(languages.load(languages.STAGE.ingredients, models), told).tables["normal_segments"]
    assert (row["origin"], row["language"]) == ("given", "eng")
