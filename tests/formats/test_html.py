"""Web pages."""

from __future__ import annotations

from iimm_pipelines.formats import html
from iimm_pipelines.formats.parsed import Limits

PAGE = '<html><head><meta charset="{}"><title>A ထ</title><script>bad()</script></head><body><p>ကခ</p><p>two</p></body>'


def test_title_and_paragraphs_are_found_and_scripts_dropped() -> None:
    found = html.page_segments(html.page(PAGE.format("utf-8").encode()), Limits())
    assert [(segment.field, segment.text) for segment in found] == [("title", "A ထ"), ("text", "ကခ"), ("text", "two")]


def test_a_claim_of_utf_16_in_a_readable_tag_is_not_believed() -> None:
    for lie in ("unicode", "utf-16", "UTF-16LE"):
        assert html.page(PAGE.format(lie).encode()).title == "A ထ"


def test_the_encoding_that_the_page_claims_is_used() -> None:
    page = html.page('<meta charset="windows-1251"><p>Привет</p>'.encode("cp1251"))
    assert page.text.strip() == "Привет"


def test_a_page_that_stands_whole_in_a_frame_is_read() -> None:
    page = html.page(
        b"<p>outside</p><iframe srcdoc=\"<p>inside</p><script>bad()</script>\" src='https://x.example'></iframe>"
    )
    assert page.text.split() == ["outside", "inside"]


def test_a_page_of_a_hundred_thousand_nested_tags_is_read() -> None:
    assert "deep" in html.page(b"<div>" * 100_000 + b"deep").text
