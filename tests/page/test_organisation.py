"""Signing in by the organisation's login, at a provider that runs beside the tests."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from oidc_provider_mock import run_server_in_thread

from iimm_pipelines.holding import Holding
from iimm_pipelines.page.app import app
from iimm_pipelines.people.access_log import What
from iimm_pipelines.people.accounts import CHANGED
from iimm_pipelines.people.rights import Role
from iimm_pipelines.people.tokens import TokenRefused
from iimm_pipelines.settings import load_settings

BACK = "/sign-in/organisation/back"
PASSWORD = "four words and no more"


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    with run_server_in_thread(require_nonce=True) as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
def shop(provider: str, tmp_path: Path) -> Iterator[Holding]:
    """A holding whose people sign in at the provider, and a local account of which the settings speak, and one more."""
    secret = tmp_path / "secret"
    secret.write_text("a secret of this page\n")
    secret.chmod(0o600)
    data = tmp_path / "data"
    data.mkdir()
    (data / "iimm.toml").write_text(f"""
        [oidc]
        issuer = {json.dumps(provider)}
        client_id = "evidence"
        client_secret_file = {json.dumps(str(secret))}
        session_hours = 2
        local_accounts = ["emergency"]
        groups.engineers = {{ role = "data engineer", marks = ["restricted"] }}
        groups.team = {{ marks = ["witness"] }}
        groups.watchers = {{ role = "auditor" }}
        """)
    holding = Holding(load_settings(data))
    for name in ("emergency", "local"):
        holding.accounts.add(name, Role.DATA_ENGINEER, [], by="tests")
        holding.accounts.set_password(name, PASSWORD, by="tests")
    yield holding
    holding.close()


@pytest.fixture
def somebody(shop: Holding, person_of: Callable[..., Any], clock: Any) -> Callable[[], Any]:
    page = app(shop, clock)
    return lambda: person_of(page)


def known(provider: str, sub: str, **claims: Any) -> None:
    """Make somebody known to the provider, as they are from now on."""
    httpx.put(f"{provider}/users/{sub}", json=claims).raise_for_status()


def sent_back(client: Any, sub: str) -> str:
    """Go to the provider, sign in there, and say where it leads back to, without its host."""
    there = client.get("/sign-in/organisation").headers["location"]
    asked = parse_qs(urlsplit(there).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["response_type"] == ["code"]
    back = httpx.post(there, data={"sub": sub}).headers["location"]
    assert back.startswith(f"http://127.0.0.1:8650{BACK}?")
    return back.removeprefix("http://127.0.0.1:8650")


def come_in(client: Any, sub: str) -> Any:
    return client.get(sent_back(client, sub))


def test_an_account_is_made_at_the_first_sign_in_with_what_the_groups_give(
    shop: Holding, provider: str, somebody: Any
) -> None:
    known(provider, "1", preferred_username="Ana", groups=["engineers", "unheard of"])
    client = somebody()
    answer = come_in(client, "1")
    assert answer.status_code == 200
    assert 'http-equiv="refresh" content="0; url=/engine"' in answer.text
    assert client.get("/engine").status_code == 200
    made = shop.accounts.get("ana")
    assert (made.role, made.marks, made.has_password) == (Role.DATA_ENGINEER, {"restricted"}, False)
    assert [(e.who, e.what) for e in shop.access_log.entries()][-1] == ("ana", What.SIGNED_IN)


def test_groups_count_anew_at_each_sign_in(shop: Holding, provider: str, somebody: Any) -> None:
    known(provider, "2", preferred_username="bo", groups=["engineers", "team"])
    first, second = somebody(), somebody()
    come_in(first, "2")
    assert shop.accounts.get("bo").marks == {"restricted", "witness"}
    known(provider, "2", preferred_username="other name", groups=["engineers"])
    come_in(second, "2")
    assert shop.accounts.get("bo").marks == {"restricted"}
    assert first.get("/engine").headers["location"] == "/sign-in"
    assert shop.catalogue.last_event("account bo").kind == CHANGED
    known(provider, "2", preferred_username="bo", groups=["team"])
    assert come_in(somebody(), "2").status_code == 401
    assert shop.accounts.get("bo").marks == frozenset()
    assert second.get("/engine").headers["location"] == "/sign-in"


def test_who_is_sent_away_is_out_everywhere_also_without_marks(
    shop: Holding, provider: str, somebody: Any, clock: Any
) -> None:
    known(provider, "20", preferred_username="wu", groups=["watchers"])
    first = somebody()
    come_in(first, "20")
    token, _ = shop.accounts.new_token("wu", "tests", 1, clock())
    assert first.get("/engine").status_code == 200
    known(provider, "20", preferred_username="wu", groups=[])
    assert come_in(somebody(), "20").status_code == 401
    assert first.get("/engine").headers["location"] == "/sign-in"
    with pytest.raises(TokenRefused):
        shop.accounts.by_token(token, clock())


def test_a_session_lasts_no_longer_than_the_settings_say(provider: str, somebody: Any, clock: Any) -> None:
    known(provider, "3", preferred_username="cy", groups=["engineers"])
    client = somebody()
    come_in(client, "3")
    for _ in range(5):
        clock.forward += timedelta(minutes=20)
        assert client.get("/engine").status_code == 200
    clock.forward += timedelta(minutes=20)
    assert client.get("/engine").headers["location"] == "/sign-in"


def test_a_token_counts_as_long_as_the_login_vouches_for_its_account(
    shop: Holding, provider: str, somebody: Any, clock: Any
) -> None:
    known(provider, "8", preferred_username="hal", groups=["engineers"])
    come_in(somebody(), "8")
    token, _ = shop.accounts.new_token("hal", "tests", 30, clock())
    assert shop.accounts.by_token(token, clock()).name == "hal"
    clock.forward += timedelta(hours=2)
    with pytest.raises(TokenRefused):
        shop.accounts.by_token(token, clock())
    clock.forward = timedelta()
    assert shop.accounts.by_token(token, clock()).name == "hal"
    known(provider, "8", preferred_username="hal", groups=["guests"])
    assert come_in(somebody(), "8").status_code == 401
    with pytest.raises(TokenRefused):
        shop.accounts.by_token(token, clock())


@pytest.mark.parametrize(("name", "groups"), [("no-groups", []), ("unknown", ["guests"]), ("local", ["engineers"]),
                                              ("a name that is none", ["engineers"])])  # fmt: skip
def test_who_has_no_role_or_a_name_of_another_is_not_let_in(
    shop: Holding, provider: str, somebody: Any, name: str, groups: list[str]
) -> None:
    before = shop.accounts.all()
    known(provider, f"4-{len(name)}", preferred_username=name, groups=groups)
    client = somebody()
    assert come_in(client, f"4-{len(name)}").status_code == 401
    assert client.get("/engine").headers["location"] == "/sign-in"
    assert shop.accounts.all() == before


def test_a_disabled_account_stays_out(shop: Holding, provider: str, somebody: Any) -> None:
    known(provider, "5", preferred_username="eve", groups=["engineers"])
    come_in(somebody(), "5")
    shop.accounts.disable("eve", by="tests")
    assert come_in(somebody(), "5").status_code == 401


def test_the_way_back_counts_once_and_in_the_browser_that_went(provider: str, somebody: Any, clock: Any) -> None:
    known(provider, "6", preferred_username="fay", groups=["engineers"])
    client, other = somebody(), somebody()
    back = sent_back(client, "6")
    other.get("/sign-in/organisation")
    assert other.get(back).status_code == 401  # what was begun is over with the first who comes
    assert client.get(back).status_code == 401
    back = sent_back(client, "6")
    state = parse_qs(urlsplit(back).query)["state"][0]
    for wrong in ({"state": "x"}, {"state": state, "error": "access_denied"}, {}):
        assert client.get(f"{BACK}?{urlencode(wrong)}").status_code == 401
    late = sent_back(client, "6")
    clock.forward += timedelta(minutes=11)
    assert client.get(late).status_code == 401


def test_another_issuer_in_the_answer_is_refused(provider: str, somebody: Any) -> None:
    known(provider, "7", preferred_username="gus", groups=["engineers"])
    client = somebody()
    assert client.get(f"{sent_back(client, '7')}&iss=https%3A%2F%2Fevil.example").status_code == 401


def test_passwords_let_in_only_whom_the_settings_name(somebody: Any) -> None:
    assert somebody().sign_in("local").status_code == 401
    assert somebody().sign_in("emergency").headers["location"] == "/engine"


def test_a_provider_that_says_it_is_elsewhere_is_not_believed(shop: Holding, provider: str, person_of: Any) -> None:
    assert shop.settings.oidc is not None
    port = urlsplit(provider).port
    oidc = shop.settings.oidc.model_copy(update={"issuer": f"http://127.0.0.1:{port}/elsewhere"})
    shop.settings = shop.settings.model_copy(update={"oidc": oidc})
    assert person_of(app(shop)).get("/sign-in/organisation").status_code == 503


def test_without_a_provider_there_is_no_such_address(tmp_path: Path, person_of: Any) -> None:
    client = person_of(app(Holding(load_settings(tmp_path))))
    assert [client.get(a).status_code for a in ("/sign-in/organisation", BACK)] == [404, 404]
