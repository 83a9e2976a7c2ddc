"""Canonical JSON gives the bytes of RFC 8785, or refuses and says where."""

from enum import StrEnum
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from iimm_pipelines.custody.canonical import NotCanonical, canonical

LARGEST = 2**53 - 1
TEXT = st.text(st.characters(codec="utf-8"))
KEYS = st.text(st.characters(max_codepoint=127), max_size=8)
VALUES = st.recursive(
    TEXT | st.booleans() | st.integers(-LARGEST, LARGEST),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=20,
)


@given(VALUES)
def test_bytes_are_those_of_the_reference_encoder(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@pytest.mark.parametrize(
    "text", ["".join(map(chr, range(0x21))), "\x7f\x80\x9f", '"\\/', "\u2028\u2029\ufeff\ufffe", "\U0001f600\U0010ffff"]
)
def test_characters_that_encoders_differ_on_are_as_in_the_reference(text: str) -> None:
    value = {text: text} if text.isascii() else [text]
    assert canonical(value) == rfc8785.dumps(value)


def test_keys_are_sorted_and_nothing_is_padded() -> None:
    assert canonical({"b": 1, "B": [True, {"z": "", "a": -1}], "": 2, "_": 3}) == (
        b'{"":2,"B":[true,{"a":-1,"z":""}],"_":3,"b":1}'
    )


def test_entries_that_are_none_are_left_out_at_every_depth() -> None:
    assert canonical({"a": None, "b": {"c": None}, "d": [{"e": None}]}) == b'{"b":{},"d":[{}]}'


def test_bytes_become_lower_case_hex() -> None:
    assert canonical({"path": b"\xab\x00"}) == b'{"path":"ab00"}'


def test_tuples_and_string_enums_are_lists_and_strings() -> None:
    class Reason(StrEnum):
        ENCRYPTED = "encrypted"

    assert canonical((Reason.ENCRYPTED, (1, 2))) == b'["encrypted",[1,2]]'


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ({"rows": [{"ok": 1}, {"score": 0.25}]}, r"\$\.rows\[1\]\.score"),
        ({"x": float("nan")}, r"\$\.x"),
        ({"x": "\ud800"}, r"\$\.x"),
        ({"x": LARGEST + 1}, r"\$\.x"),
        ({"x": -LARGEST - 1}, r"\$\.x"),
        ({"x": 2**80}, r"\$\.x"),
        ({"x": [1, None]}, r"\$\.x\[1\]"),
        ({"x": {"é": 1}}, r"\$\.x: a key"),
        ({"x": {1: 1}}, r"\$\.x: a key"),
        ({"x": {1}}, r"\$\.x: set"),
        (None, r"\$: NoneType"),
    ],
)
def test_what_has_no_canonical_form_is_refused_by_its_place(value: object, place: str) -> None:
    with pytest.raises(NotCanonical, match=place):
        canonical(value)


@given(st.dictionaries(KEYS, st.floats() | st.just("\udfff") | st.integers(min_value=2**53), min_size=1))
def test_every_fault_is_found_at_a_place(value: dict[str, object]) -> None:
    with pytest.raises(NotCanonical, match=r"(?s)^\$\."):
        canonical(value)


def test_the_message_holds_no_value() -> None:
    with pytest.raises(NotCanonical) as caught:
        canonical({"note": "a name\ud800"})
    assert "a name" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_value_nested_without_end_is_refused() -> None:
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(NotCanonical, match="nested too deeply"):
        canonical(endless)
