"""Watch-lists and lexicons: each delivery is looked through once, and an alert is seen by whom its item is for."""

from __future__ import annotations

import hashlib
import socketserver
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from small_evidence import OPEN, WITNESS, compute, deliver_all, process, receive

from iimm_pipelines.custody.lineage import ItemUnknown
from iimm_pipelines.holding import Holding
from iimm_pipelines.search.access import Reader, reader
from iimm_pipelines.search.query import Narrowing, search
from iimm_pipelines.settings import MailServer, load_settings
from iimm_pipelines.work.mail import send
from iimm_pipelines.work.record import WorkRefused
from iimm_pipelines.work.shelves import ALL, ShelfUnknown, share
from iimm_pipelines.work.watching import (
    Term,
    TermKind,
    alerts,
    make_list,
    read_lexicon,
    read_terms,
    settle,
    watch,
    watch_list,
)

CALLS = {"calls/log.txt": "He called 09 421 123 456 and Colonel Kyaw Min of LIB 345 came to Hpa-An.\n"}
BELL = hashlib.sha256(OPEN["letters/bell.txt"].encode()).hexdigest()


@pytest.fixture(scope="module")
def holding(new_holding: Callable[..., Holding], tmp_path_factory: pytest.TempPathFactory) -> Holding:
    made = new_holding()
    folder = tmp_path_factory.mktemp("watched")
    receive(made, folder / "1", WITNESS, ("restricted", "witness"), "S-1")
    receive(made, folder / "2", {**OPEN, **CALLS}, ("restricted",), "S-2")
    compute(made, ("contents", "languages", "entities", "search_index"))
    deliver_all(made)
    return made


def hit(holding: Holding, who: str) -> set[str]:
    return {a.row.about for a in alerts(holding, reader(holding, who))}


def test_what_is_there_is_looked_through_once_and_what_comes_later_too(holding: Holding, tmp_path: Path) -> None:
    of = make_list(holding, "analyst", "The colonel", [Term(TermKind.NAME, "ကျော်မင်း"), Term(TermKind.NAME, "quince")])
    assert watch(holding) == 1
    assert watch(holding) == 0
    [item] = hit(holding, "analyst")
    receive(holding, tmp_path / "3", {"q.txt": "A quince grew there.\n"}, ("restricted",), "S-3")
    process(holding)
    assert watch(holding) == 1
    assert hit(holding, "analyst") == {item, "A00003-0000-00000"}
    found = search(holding, reader(holding, "analyst"), "", within=Narrowing(watch=of.id))
    assert {h.item for h in found.hits} == hit(holding, "analyst")
    assert not any("watch" in h.fields for h in found.hits)


@pytest.mark.parametrize(("kind", "text"), [
    (TermKind.NUMBER, "+95 9 421 123 456"), (TermKind.UNIT, "ခမရ (၃၄၅)"), (TermKind.PLACE, "Hpa-An"), (TermKind.HASH, BELL),
    (TermKind.TEXT, "monastery bell"),
])  # fmt: skip
def test_each_kind_of_term_finds_its_item(holding: Holding, kind: TermKind, text: str) -> None:
    of = make_list(holding, "analyst", f"One {kind}", [Term(kind, text)])
    watch(holding)
    shown = [a.row.about for a in alerts(holding, reader(holding, "analyst")) if a.list.id == of.id]
    bell = search(holding, reader(holding, "analyst"), '"monastery bell"').hits[0].item
    call = search(holding, reader(holding, "analyst"), '"He called"').hits[0].item
    assert shown == [bell if kind in (TermKind.HASH, TermKind.TEXT) else call]


def test_an_alert_is_for_those_who_may_see_item_and_list_and_for_nobody_else(holding: Holding) -> None:
    of = make_list(holding, "lead", "Shouting", [Term(TermKind.TEXT, "zanzibarite"), Term(TermKind.TEXT, "school")])
    watch(holding)
    assert {i[:6] for i in hit(holding, "lead")} == {"A00001", "A00002"}
    analyst = reader(holding, "analyst")
    with pytest.raises(ShelfUnknown):
        watch_list(holding, analyst, of.id)
    before = hit(holding, "analyst")
    share(holding, "lead", of, [ALL])
    assert {i[:6] for i in hit(holding, "analyst") - before} == {"A00002"}
    hidden = next(a for a in alerts(holding, reader(holding, "lead")) if a.row.about.startswith("A00001"))
    for id in (hidden.row.id, "0" * 12):
        with pytest.raises(ItemUnknown, match="there is no such alert"):
            settle(holding, analyst, [id])
    assert settle(holding, reader(holding, "lead"), [hidden.row.id], "known") == 1
    assert hidden.row.about not in {a.row.about for a in alerts(holding, reader(holding, "lead")) if a.list.id == of.id}
    [done] = alerts(holding, reader(holding, "lead"), settled=True)
    assert (done.seen_by, done.remark) == ("lead", "known")


LEXICON = """name = "Bells"
flag = "bells"
compartment = "team-bells"
adds_mark = {adds}
[terms]
eng = ["rang the bell", "receipt for"]
mya = ["ကျပ် ပေးခဲ့သည်"]
"""


def test_a_lexicon_flags_for_all_and_alerts_its_team_alone(holding: Holding, tmp_path: Path) -> None:
    (tmp_path / "bells.toml").write_text(LEXICON.format(adds="false"))
    name, terms, lexicon = read_lexicon(tmp_path / "bells.toml")
    of = make_list(holding, "operator", name, terms, lexicon)
    watch(holding)
    found = search(holding, reader(holding, "analyst"), "", within=Narrowing(flag="bells"))
    assert [h.fields["flags"] for h in found.hits] == [["bells"]]
    team = Reader("team", frozenset({"restricted", "team-bells"}))
    assert of.id in {a.list.id for a in alerts(holding, team)}
    assert of.id not in {a.list.id for a in alerts(holding, reader(holding, "lead"))}
    assert holding.catalogue.accession("A00002").marks == ("restricted",)


def test_a_lexicon_may_add_its_mark_as_a_custody_event(new_holding: Callable[..., Holding], tmp_path: Path) -> None:
    from iimm_pipelines.custody.lineage import events_of

    holding = new_holding()
    receive(holding, tmp_path / "1", OPEN)
    process(holding)
    (tmp_path / "bells.toml").write_text(LEXICON.format(adds="true"))
    make_list(holding, "operator", *read_lexicon(tmp_path / "bells.toml"))
    watch(holding)
    assert holding.catalogue.accession("A00001").marks == ("restricted", "team-bells")
    changed = events_of(holding, "A00001")[-1]
    assert changed.kind == "marks changed"
    assert changed.body["by"].startswith("lexicon ")
    assert search(holding, reader(holding, "analyst"), "bell").total == 0


@pytest.mark.parametrize("terms", ["hash: xyz", "name: ?!", "", "unit: \x07"])
def test_a_term_that_finds_nothing_ever_is_refused_by_its_place(holding: Holding, terms: str) -> None:
    with pytest.raises(WorkRefused) as refused:
        make_list(holding, "analyst", "Wrong", read_terms(terms))
    assert "xyz" not in str(refused.value)


def test_terms_are_typed_one_a_line() -> None:
    assert read_terms("Ko Ko\n unit: LIB 345\nhttp://x: y\n\nKo Ko") == [
        Term(TermKind.NAME, "Ko Ko"), Term(TermKind.UNIT, "LIB 345"), Term(TermKind.NAME, "http://x: y")]  # fmt: skip


class Post(socketserver.StreamRequestHandler):
    """As much of SMTP as one mail needs (RFC 5321)."""

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            if line.upper().startswith(b"DATA"):
                self.wfile.write(b"354 go on\r\n")
                lines = list(iter(self.rfile.readline, b".\r\n"))
                self.server.mails.append(b"".join(lines).decode())  # type: ignore[attr-defined]
            self.wfile.write(b"221 bye\r\n" if line.upper().startswith(b"QUIT") else b"250 ok\r\n")


@pytest.fixture
def post() -> Iterator[socketserver.TCPServer]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Post) as server:
        server.mails = []  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_a_mail_names_ids_of_alerts_that_its_reader_may_see_and_nothing_else(
    holding: Holding, post: socketserver.TCPServer
) -> None:
    to = {"analyst": "ana@example.org", "nobody": "nobody@example.org", "gone": "gone@example.org"}
    server = MailServer(
        host="127.0.0.1", port=post.server_address[1], security="none", sender="page@example.org", to=to
    )
    mailing = Holding(load_settings(holding.settings.data, mail=server))
    of = make_list(mailing, "lead", "Secret name", [Term(TermKind.TEXT, "monastery")])
    share(mailing, "lead", of, ["analyst"])
    watch(mailing)
    assert send(mailing) == 1
    assert send(mailing) == 0
    [mail] = post.mails  # type: ignore[attr-defined]
    mine = {a.row.id for a in alerts(mailing, reader(mailing, "analyst")) if a.list.id == of.id}
    everybodys = {a.row.id for a in alerts(mailing, reader(mailing, "lead")) if a.list.id == of.id}
    assert mine < everybodys
    assert {id for id in everybodys if id in mail} == mine
    assert "ana@example.org" in mail
    assert not any(word in mail for word in ("monastery", "Secret", "A0000", "lead"))
    mailing.close()
