"""Files of an item under signed links: to whom, how long, as what, and what is written down."""

from __future__ import annotations

import hashlib
import html
import io
import json
import re
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import shown_files

from iimm_pipelines.accessions.holds import Decision, HoldKind, place, release
from iimm_pipelines.custody.lineage import events_of
from iimm_pipelines.holding import Holding
from iimm_pipelines.page.links import LIVES, Kind, Links
from iimm_pipelines.people.access_log import What
from iimm_pipelines.people.accounts import Account
from iimm_pipelines.people.rights import Role

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ITEM = "A00004-0000-00001"
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


def account(name: str = "ana", generation: int = 1) -> Account:
    return Account(name, Role.ANALYST, frozenset(), False, generation, True, False, None)


def values(address: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(address).query))


@pytest.mark.parametrize(
    ("who", "number", "kind", "page"),
    [
        (account("eve"), ITEM, Kind.PICTURE, "1"),
        (account(generation=2), ITEM, Kind.PICTURE, "1"),
        (account(), "A00004-0000-00002", Kind.PICTURE, "1"),
        (account(), ITEM, Kind.ORIGINAL, "1"),
        (account(), ITEM, Kind.PICTURE, "2"),
    ],
)
def test_a_link_is_for_one_account_item_and_file(who: Account, number: str, kind: Kind, page: str) -> None:
    links = Links()
    given = values(links.address(account(), ITEM, Kind.PICTURE, NOW, page="1"))
    assert links.holds(account(), ITEM, Kind.PICTURE, NOW, given, ("page",))
    assert not links.holds(who, number, kind, NOW, {**given, "page": page}, ("page",))
    assert not Links().holds(account(), ITEM, Kind.PICTURE, NOW, given, ("page",))


@pytest.mark.parametrize(
    "change", [{"until": "99999999999"}, {"until": "²"}, {"proof": "é"}, {"proof": ""}, {"until": ""}]
)
def test_a_link_that_was_changed_is_none(change: dict[str, str]) -> None:
    links = Links()
    given = links.values(account(), ITEM, Kind.MEDIA, NOW)
    assert not links.holds(account(), ITEM, Kind.MEDIA, NOW, {**given, **change}, ())


def test_a_link_ends_but_not_while_it_plays() -> None:
    links, later = Links(), NOW + LIVES
    given = links.values(account(), ITEM, Kind.MEDIA, NOW)
    assert links.holds(account(), ITEM, Kind.MEDIA, later - timedelta(seconds=1), given, ())
    assert not links.holds(account(), ITEM, Kind.MEDIA, later, given, ())
    assert not links.used(given, later - timedelta(seconds=1))
    links.use(given, later - timedelta(seconds=1))
    assert links.holds(account(), ITEM, Kind.MEDIA, later + LIVES / 2, given, ())
    assert links.used(given, later + LIVES / 2)
    links.use(given, later + LIVES / 2)
    assert not links.holds(account(), ITEM, Kind.MEDIA, later + 2 * LIVES, given, ())


def link(person: Any, number: str, kind: Kind, **asked: str) -> str:
    """A link that an item's page gives, opened."""
    page = person.get(f"/items/{number}", params={"open": "1", **asked}).text
    found = re.search(f'src="(/items/{number}/{kind}[^"#]*)', page)
    assert found, kind
    return html.unescape(found[1])


def taken(person: Any, number: str, kind: Kind, reason: str = "for the hearing") -> Any:
    """What a form for taking away gives."""
    page = person.get(f"/items/{number}").text
    form = re.search(f'action="/items/{number}/{kind}">(.*?)</form>', page, re.DOTALL)
    assert form
    return person.get(f"/items/{number}/{kind}", params={**dict(HIDDEN.findall(form[1])), "reason": reason})


def last(holding: Holding) -> tuple[str, What, str | None]:
    entry = list(holding.access_log.entries())[-1]
    return entry.who, entry.what, entry.subject


def test_an_original_is_taken_away_as_nothing_but_bytes(person: Any, shown: Holding, numbers: dict[str, str]) -> None:
    number = numbers["A00004 pages/notice.html"]
    kept = set(shown.settings.scratch.rglob("file-*"))  # what others were shown in this process
    answer = taken(person("analyst"), number, Kind.ORIGINAL)
    assert answer.status_code == 200
    assert answer.content == shown_files.WEB_PAGE.encode()
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == f'attachment; filename="{number}.bin"'
    assert answer.headers["content-length"] == str(len(answer.content))
    assert last(shown) == ("analyst", What.DOWNLOADED, number)
    event = events_of(shown, number)[-1]
    assert (event.kind, event.body["to"], event.body["reason"]) == ("exported", "analyst", "for the hearing")
    assert set(shown.settings.scratch.rglob("file-*")) <= kept


@pytest.mark.parametrize("kind", [Kind.ORIGINAL, Kind.WITH_PROOF])
def test_without_a_reason_nothing_is_taken_away(
    person: Any, shown: Holding, numbers: dict[str, str], kind: Kind
) -> None:
    number = numbers["A00002 letters/school.txt"]
    assert taken(person("analyst"), number, kind, "  ").status_code == 400
    assert not events_of(shown, number)


def test_a_zip_holds_the_original_with_its_proof(person: Any, shown: Holding, numbers: dict[str, str]) -> None:
    number = numbers["A00003 inner/note.txt"]
    answer = taken(person("analyst"), number, Kind.WITH_PROOF)
    assert answer.headers["content-disposition"] == f'attachment; filename="{number}.zip"'
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        original = archive.read(f"{number}/original.txt")
        lineage = json.loads(archive.read(f"{number}/lineage.json"))
        about = archive.read(f"{number}/README.txt").decode()
    assert original.startswith(b"Colonel Kyaw Min")
    assert hashlib.sha256(original).hexdigest() in about
    assert {"inventory", "contents", "search_index"} <= {step["stage"] for step in lineage["steps"]}
    assert not {"carried", "same_as"} & set(lineage["steps"][0])
    assert not any("body" in event for event in lineage["events"])
    assert events_of(shown, number)[-1].kind == "exported"


def test_only_who_may_take_away_is_offered_it(person: Any, numbers: dict[str, str]) -> None:
    number = numbers["A00002 letters/bell.txt"]
    page = person("linguist").get(f"/items/{number}").text
    assert "/original" not in page
    assert "/with-proof" not in page
    theirs = person("analyst")
    for kind in (Kind.ORIGINAL, Kind.WITH_PROOF):
        form = re.search(
            f'action="/items/{number}/{kind}">(.*?)</form>', theirs.get(f"/items/{number}").text, re.DOTALL
        )
        assert form
        stolen = {**dict(HIDDEN.findall(form[1])), "reason": "mine now"}
        assert person("linguist").get(f"/items/{number}/{kind}", params=stolen).status_code == 403
        assert person("lead").get(f"/items/{number}/{kind}", params=stolen).status_code == 403


def test_a_film_comes_in_pieces_and_its_playing_is_written_down_once(
    person: Any, shown: Holding, numbers: dict[str, str]
) -> None:
    number, client = numbers["A00004 film/river.webm"], person("analyst")
    address, film = link(client, number, Kind.MEDIA), shown_files.files()["film/river.webm"]
    piece = client.get(address, headers={"range": "bytes=100-199"})
    assert (piece.status_code, piece.content) == (206, film[100:200])
    assert piece.headers["content-range"] == f"bytes 100-199/{len(film)}"
    assert piece.headers["content-type"] == "video/webm"
    assert last(shown) == ("analyst", What.PLAYED, number)
    before = len(list(shown.access_log.entries()))
    assert client.get(address).content == film
    assert client.get(address, headers={"range": "bytes=-10"}).content == film[-10:]
    assert len(list(shown.access_log.entries())) == before
    assert client.get(address, headers={"range": f"bytes={len(film)}-"}).status_code == 416
    assert client.get(address, headers={"range": "pages=1"}).status_code == 400


def test_a_link_is_worth_nothing_when_its_time_is_over(person: Any, clock: Any, numbers: dict[str, str]) -> None:
    client = person("analyst")
    address = link(client, numbers["A00004 photos/house.jpg"], Kind.PICTURE)
    clock.forward = LIVES - timedelta(seconds=5)
    assert client.get(address).status_code == 200
    clock.forward = LIVES + timedelta(seconds=5)
    assert client.get(address).status_code == 403


def test_marks_are_asked_again_at_use(person: Any, shown: Holding, numbers: dict[str, str]) -> None:
    """A link to an item that its reader may not see answers as one to an item that does not exist."""
    number, client = numbers["A00001 statements/w-1.txt"], person("analyst")
    for kind in Kind:
        forged = urlencode({"until": "99999999999", "proof": "0" * 64, "form": "picture", "page": "1", "reason": "x"})
        hidden = client.get(f"/items/{number}/{kind}?{forged}")
        nowhere = client.get(f"/items/A00009-0000-00000/{kind}?{forged}")
        assert hidden.status_code == nowhere.status_code == 404
        assert hidden.text == nowhere.text.replace("A00009-0000-00000", number)
    assert last(shown)[1] is What.REFUSED


def test_what_is_kept_shut_is_neither_shown_nor_given(person: Any, shown: Holding, numbers: dict[str, str]) -> None:
    number, client = numbers["A00004 photos/house-sent.jpg"], person("analyst")
    address = link(client, number, Kind.PICTURE)
    assert client.get(address).status_code == 200
    hold = place(shown, HoldKind.QUARANTINE, number, Decision("MANAGER", "asked by a court", date(2099, 1, 1)))
    try:
        page = client.get(f"/items/{number}", params={"open": "1"}).text
        refused = client.get(address)
        without = taken(client, number, Kind.WITH_PROOF)
    finally:
        release(shown, hold.hold.number, "MANAGER", "settled")
    assert "<img" not in page
    assert "kept shut by a decision" in page
    assert refused.status_code == 403
    with zipfile.ZipFile(io.BytesIO(without.content)) as archive:
        assert sorted(archive.namelist()) == [f"{number}/README.txt", f"{number}/lineage.json"]


def test_a_signed_address_says_nothing_of_the_evidence(person: Any, numbers: dict[str, str]) -> None:
    address = link(person("analyst"), numbers["A00004 photos/house.jpg"], Kind.PICTURE)
    assert set(values(address)) == {"form", "page", "until", "proof"}


@pytest.mark.parametrize(
    "name", ["padauk.woff2", "padauk-bold.woff2", "kayah-li.ttf", "hanifi-rohingya.ttf", "chakma.ttf"]
)
def test_fonts_come_from_this_machine(person: Any, name: str) -> None:
    answer = person().get(f"/static/fonts/{name}")
    if answer.status_code == 404:
        pytest.skip("infra/setup.sh installs the fonts")
    assert answer.headers["content-type"] == f"font/{name.rsplit('.')[-1]}"
    assert answer.content[:4] in (b"wOF2", b"\0\1\0\0")


@pytest.mark.parametrize("name", ["..%2fpage.css", "Padauk-Regular.ttf", "%2fetc%2fpasswd", "page.css"])
def test_a_font_that_the_table_does_not_name_is_not_there(person: Callable[..., Any], name: str) -> None:
    assert person().get(f"/static/fonts/{name}").status_code == 404
