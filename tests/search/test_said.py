"""Messages, mails and rows in the index: who and when can be asked for, and a hit says it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from small_evidence import process, receive

from iimm_pipelines.cli.search import excerpt, headline, when
from iimm_pipelines.holding import Holding
from iimm_pipelines.search.access import reader
from iimm_pipelines.search.query import EVERYTHING, Hit, Narrowing, search
from iimm_pipelines.search.when_and_where import Asked

CHAT = (
    "31/12/2020, 21:05 - Ko Htet: The trucks crossed the bridge.\n"
    "13/01/2021, 08:00 - Daw Mya: The trucks came back.\n"
    "13/01/2021, 08:01 - Daw Mya: Nobody was hurt.\n"
)
MAIL = (
    "From: Saw Eh <eh@example.org>\r\nTo: office@example.org\r\nCc: Naw Paw <paw@example.org>\r\nSubject: List\r\n"
    "Date: Fri, 1 Jan 2021 06:30:00 +0630\r\nMessage-ID: <1@example.org>\r\n\r\nThe trucks are in the list.\r\n"
)
TABLE = "Name;Township;Trucks\nMoe;Hpa-An;seven trucks\nNu;Kawkareik;three lorries\n"
MULTIPLE = {"chat.txt": CHAT, "mail.eml": MAIL, "list.csv": TABLE}

Ask = Callable[..., list[Hit]]


@pytest.fixture(scope="module", name="holding")
def with_records(new_holding: Callable[..., Holding], tmp_path_factory: pytest.TempPathFactory) -> Holding:
    holding = new_holding()
    folder: Path = tmp_path_factory.mktemp("said")
    receive(holding, folder, MULTIPLE, ("restricted",), "S-1")
    process(holding)
    return holding


@pytest.fixture(name="ask")
def as_analyst(holding: Holding) -> Ask:
    def ask(typed: str, within: Narrowing = EVERYTHING) -> list[Hit]:
        return list(search(holding, reader(holding, "analyst"), typed, within=within).hits)

    return ask


def test_a_message_is_found_by_its_sender_and_its_words(ask: Ask) -> None:
    (hit,) = ask("htet bridge")
    assert (hit.fields["record"], hit.fields["sender"], hit.fields["time_local"]) == (
        "message", "Ko Htet", "2020-12-31T21:05:00")  # fmt: skip
    assert ask("mya bridge") == []


def test_a_mail_is_found_by_its_recipients(ask: Ask) -> None:
    assert {hit.fields["kind"] for hit in ask("paw@example.org")} == {"message"}
    (hit,) = ask("paw trucks")
    assert (hit.fields["sender"], hit.fields["time_utc"]) == ("Saw Eh", "2021-01-01T00:00:00Z")


def sent(**when: str) -> Narrowing:
    return Narrowing(when_and_where=Asked(**when, when="message sent"))


@pytest.mark.parametrize(
    ("within", "senders"),
    [
        (Narrowing(sender="Daw Mya"), {"Daw Mya"}),
        (Narrowing(sender="eh@example.org"), {"Saw Eh"}),
        (Narrowing(record="mail"), {"Saw Eh"}),
        (Narrowing(record="row"), {None}),
        (sent(before="2020-12-30"), set()),
        (sent(before="2020-12-31T08:00Z"), {"Ko Htet"}),
        (sent(after="2021-01-01", before="2021-01-01"), {"Ko Htet", "Saw Eh"}),  # Ko Htet's clock had some zone
        (sent(after="2021-01-02"), {"Daw Mya"}),
        (sent(after="2021-01-15"), set()),
    ],
)
def test_hits_are_narrowed_by_sender_kind_and_day(ask: Ask, within: Narrowing, senders: set[str | None]) -> None:
    assert {hit.fields.get("sender") for hit in ask("trucks", within)} == senders


def test_a_hit_in_a_message_shows_who_and_when(ask: Ask) -> None:
    (hit,) = ask("nobody hurt")
    assert "message from Daw Mya, 2021-01-13 08:01 local time" in headline(hit).plain


def test_a_hit_in_a_row_shows_its_column(ask: Ask) -> None:
    (hit,) = ask("hpa-an")
    assert (hit.fields["row"], excerpt(hit).plain.strip()) == (2, "Township: Hpa-An")
    assert ask("township moe") == []


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({"time_local": "2021-01-01T06:30:00", "offset_minutes": 390, "time_utc": "2021-01-01T00:00:00Z"},
         "2021-01-01 06:30 +06:30"),
        ({"time_local": "2021-01-01T06:30:00", "offset_minutes": -90}, "2021-01-01 06:30 -01:30"),
        ({"time_utc": "2021-01-01T00:00:00Z"}, "2021-01-01 00:00 UTC"),
        ({"time_local": "2021-01-01T06:30:00"}, "2021-01-01 06:30 local time"),
        ({"time_written": "some day"}, "some day"),
    ],
)  # fmt: skip
def test_a_time_says_how_much_is_known_of_it(fields: dict[str, str | int], shown: str) -> None:
    assert when(fields) == shown
