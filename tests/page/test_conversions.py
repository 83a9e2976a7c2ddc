"""Sound and film that browsers cannot play: made playable by a worker when somebody opens them, once."""

from __future__ import annotations

import html
import io
import re
import time
from typing import Any

import av
import pytest

from iimm_pipelines.formats.office_pages import program
from iimm_pipelines.holding import Holding
from iimm_pipelines.page import conversions
from iimm_pipelines.page.originals import Originals
from iimm_pipelines.people.access_log import What

SOURCE = re.compile(r'<(?:audio|video)[^>]* src="([^"#]+)')


def made(client: Any, number: str, **asked: str) -> str:
    """The address of what was made, when it is."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        page = client.get(f"/items/{number}", params={"open": "1", **asked}).text
        if found := SOURCE.search(page):
            assert "Made playable for browsers" in page
            return html.unescape(found[1])
        frame = client.get(f"/items/{number}/ready")
        assert f'src="/items/{number}/ready"' in page
        assert frame.headers["x-frame-options"] == "SAMEORIGIN"
        time.sleep(0.2)
    raise AssertionError("it was not made")


@pytest.mark.parametrize(
    ("name", "told", "streams"),
    [("film/old.avi", "video/webm", ["vp8", "opus"]), ("sound/call.amr", "audio/webm", ["opus"])],
)
def test_what_no_browser_plays_is_made_playable_when_it_is_opened(
    person: Any, shown: Holding, numbers: dict[str, str], name: str, told: str, streams: list[str]
) -> None:
    client, number = person("analyst"), numbers[f"A00004 {name}"]
    closed = client.get(f"/items/{number}").text
    assert "it is made playable" in closed
    assert not SOURCE.search(closed)
    answer = client.get(address := made(client, number))
    assert (answer.status_code, answer.headers["content-type"]) == (200, told)
    with av.open(io.BytesIO(answer.content)) as opened:
        assert [stream.codec_context.name for stream in opened.streams] == streams
    assert [e.what for e in shown.access_log.entries()][-1] is What.PLAYED
    piece = client.get(address, headers={"range": "bytes=10-19"})
    assert (piece.status_code, piece.content) == (206, answer.content[10:20])
    assert "It is ready." in client.get(f"/items/{number}/ready").text


def test_what_browsers_play_is_made_only_when_somebody_asks(person: Any, numbers: dict[str, str]) -> None:
    client, number = person("analyst"), numbers["A00004 film/river.webm"]
    page = client.get(f"/items/{number}", params={"open": "1"}).text
    assert f'href="/items/{number}?open=1&amp;made=1#original"' in page
    assert "made=1" in made(client, number, made="1")


def test_stills_of_a_film_are_one_picture_that_is_asked_for_apart(
    person: Any, shown: Holding, numbers: dict[str, str]
) -> None:
    client, number = person("analyst"), numbers["A00004 film/river.webm"]
    assert "form=stills" not in client.get(f"/items/{number}").text
    page = client.get(f"/items/{number}", params={"open": "1"}).text
    found = re.search(r'<img class="drawn" src="([^"]*form=stills[^"]*)" loading="lazy"', page)
    assert found
    answer = client.get(html.unescape(found[1]))
    assert answer.headers["content-type"] == "image/webp"
    assert [e.what for e in shown.access_log.entries()][-1] is What.LOOKED_AT


def test_what_is_hidden_is_not_made_ready(person: Any, numbers: dict[str, str]) -> None:
    hidden, client = numbers["A00001 statements/w-1.txt"], person("analyst")
    one, other = (client.get(f"/items/{n}/ready") for n in (hidden, "A00009-0000-00000"))
    assert one.status_code == other.status_code == 404
    assert one.text.replace(hidden, "A00009-0000-00000") == other.text


def test_of_too_many_that_wait_none_is_taken_on(
    person: Any, shown: Holding, numbers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversions, "MOST_WAITING", 0)
    page = person("analyst").get(f"/items/{numbers['A00004 sound/boats.wav']}", params={"open": "1", "made": "1"}).text
    assert "It cannot be made" in page
    assert "Load the page again in a minute." in page


def test_closing_ends_what_is_being_made(shown: Holding, numbers: dict[str, str]) -> None:
    from iimm_pipelines.accessions.numbers import parse_number
    from iimm_pipelines.accessions.originals import harmless

    originals = Originals(shown)
    found = harmless(shown, parse_number(numbers["A00004 film/old.avi"]))
    assert isinstance(originals.made(found, conversions.Into.FILM, "video/avi"), conversions.Making)
    begun = time.monotonic()
    originals.close()
    assert time.monotonic() - begun < 15


@pytest.mark.skipif(program() is None, reason="no LibreOffice: infra/setup.sh dev installs it")
def test_pages_of_a_letter_are_laid_out_when_it_is_opened(person: Any, shown: Holding, numbers: dict[str, str]) -> None:
    client, number = person("analyst"), numbers["A00004 papers/letter.docx"]
    closed = client.get(f"/items/{number}").text
    assert "laid out when you open it" in closed
    assert "<img" not in closed
    assert "rambutans" in closed
    end = time.monotonic() + 90
    while not (
        found := re.search(r'src="([^"]+form=picture[^"]+)"', client.get(f"/items/{number}?open=1&page=2").text)
    ):
        assert time.monotonic() < end
        time.sleep(0.5)
    page = client.get(f"/items/{number}", params={"open": "1", "page": "2"}).text
    assert re.search(r"page 2 of [23]", page)
    assert "rambutans" in page
    assert client.get(html.unescape(found[1])).headers["content-type"] == "image/webp"
    assert [e.what for e in shown.access_log.entries()][-1] is What.LOOKED_AT


def test_without_the_program_the_page_says_which_is_missing(
    person: Any, numbers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    page = person("analyst").get(f"/items/{numbers['A00004 papers/letter.docx']}", params={"open": "1"}).text
    assert "LibreOffice is not installed on this machine" in page
    assert "rambutans" in page
