"""Fields that can be typed, `sender:"Ko Htet"`, and stand for whole values: what each asks the index for.

Here: one function for each field.
Not here: the grammar (search/language), fields in which words are looked for (search/typed), who may ask what: a source
is asked for by those of its accessions that the reader may see.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any

from iimm_pipelines.burmese.encoding import normal_text
from iimm_pipelines.burmese.zawgyi import detector
from iimm_pipelines.search.facet_fields import NAMED
from iimm_pipelines.search.sounds import asked_key
from iimm_pipelines.search.typed import TEXT_FIELDS, AskField
from iimm_pipelines.search.when_and_where import Asked, AskedInvalid
from iimm_pipelines.search.who_was_what import AskedRole, organisation_id, unit_id

Query = dict[str, Any]


def asked_fields(
    accessions_of: Callable[[str], Sequence[str]], place_values: Callable[[str], Sequence[str]]
) -> Mapping[str, AskField]:
    """The fields, by name. What a source or a place stands for is asked when it is typed."""
    return {
        "accession": partial(_whole, ("accession",), str.upper),
        "item": partial(_whole, ("item",), str.upper),
        "sha256": partial(_whole, ("object",), str.lower),
        "kind": partial(_whole, ("kind",), str.lower),
        "type": partial(_whole, ("media_type",), str.lower),
        "language": partial(_whole, ("language",), str.lower),
        "record": partial(_whole, ("record",), str.lower),
        "sender": partial(_whole, ("sender", "account"), _normal),
        "to": partial(_whole, ("recipients", "group"), _normal),
        "after": _unprefixed("after", lambda value: _time(after=value)),
        "before": _unprefixed("before", lambda value: _time(before=value)),
        "source": _unprefixed(
            "source", lambda value: {"terms": {"accession": list(accessions_of(value.strip().upper()))}}
        ),
        "place": _unprefixed("place", lambda value: {"terms": {f"{NAMED}.place": list(place_values(_normal(value)))}}),
        "person": _unprefixed("person", _person),
        "unit": _unprefixed("unit", lambda value: {"term": {f"{NAMED}.unit": unit_id(value)}}),
        "organisation": _unprefixed("organisation", _organisation),
        "rank": _unprefixed("rank", lambda value: AskedRole(rank=value).filters()[0]),
        "post": _unprefixed("post", lambda value: AskedRole(post=value).filters()[0]),
        "tag": _unprefixed("tag", _tag),
        "flag": partial(_whole, ("flags",), str.strip),
        "author": partial(_whole, ("author",), str.lower),
    }


def _tag(value: str) -> Query:
    """A code alone, whatever its value, or with its value behind a colon."""
    ways = [{"term": {"tags": value.strip()}}, {"prefix": {"tags": f"{value.strip()}:"}}]
    return {"bool": {"should": ways, "minimum_should_match": 1}}


def _whole(fields: Collection[str], form: Callable[[str], str], value: str, prefix: bool) -> Query:
    asked = form(value)
    kind = "prefix" if prefix else "term"
    return _sure([{kind: {field: {"value": asked}}} for field in fields])


def _unprefixed(name: str, ask: Callable[[str], Query]) -> AskField:
    def asked(value: str, prefix: bool) -> Query:
        if prefix:
            raise AskedInvalid(f"{name}: takes no *")
        return {"constant_score": {"filter": ask(value)}}

    return asked


def _sure(ways: Sequence[Query]) -> Query:
    """Without a score: how rare a value is says nothing of how well it fits."""
    return {"constant_score": {"filter": {"bool": {"should": list(ways), "minimum_should_match": 1}}}}


def _normal(value: str) -> str:
    return normal_text(value, detector()).text


def _time(**asked: str) -> Query:
    return Asked(**asked).filters()[0]


def _person(value: str) -> Query:
    key = asked_key(value)
    if key is None:
        raise AskedInvalid("behind person: stands a name, in either script")
    return _sure([{"term": {f"{NAMED}.person": key}}, {"term": {"sounds": key}}])


def _organisation(value: str) -> Query:
    return {"term": {f"{NAMED}.organisation": organisation_id(value)}}


FIELDS_TYPED = (*TEXT_FIELDS, *asked_fields(lambda _: (), lambda _: ()))
"""All names that can stand before a colon."""
