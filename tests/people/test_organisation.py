"""What the organisation's provider says: believed only where it signed it, for us, for this sign-in, now."""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey

from iimm_pipelines.people.accounts import SignInRefused
from iimm_pipelines.people.organisation import KeyUnknown, OrganisationLogin, checked, given
from iimm_pipelines.people.rights import Role
from iimm_pipelines.settings import GroupGives, OrganisationSettings, SettingsInvalid

NOW = datetime(2026, 11, 23, tzinfo=UTC)
AT = int(NOW.timestamp())
KEY, OTHER = (RSAKey.generate_key(2048, {"kid": kid}) for kid in ("ours", "ours"))
KEYS = KeySet([KEY]).as_dict(private=False)
CLAIMS = {"iss": "https://login.example", "aud": "evidence", "sub": "1", "nonce": "n", "iat": AT, "exp": AT + 300}
GROUPS = {"readers": GroupGives(role=Role.ANALYST, marks=["restricted"]), "team": GroupGives(marks=["sgbv"]),
          "engineers": GroupGives(role=Role.DATA_ENGINEER)}  # fmt: skip
SETTINGS = OrganisationSettings(
    issuer="https://login.example", client_id="evidence", client_secret_file=Path("secret"), groups=GROUPS
)


def check(claims: dict[str, Any], key: Any = KEY, header: dict[str, Any] | None = None) -> Any:
    token = jwt.encode(header or {"alg": "RS256", "kid": "ours"}, claims, key, algorithms=["RS256", "HS256", "none"])
    return checked(token, KEYS, SETTINGS, "n", NOW)


def test_what_was_signed_for_us_now_is_believed() -> None:
    assert check(CLAIMS)["sub"] == "1"
    assert check({**CLAIMS, "aud": ["evidence", "other"], "azp": "evidence"})["sub"] == "1"


@pytest.mark.parametrize("wrong", [
    {"iss": "https://login.example/"}, {"iss": "https://evil.example"}, {"aud": "other"}, {"aud": ["other"]},
    {"aud": ["evidence", "other"], "azp": "other"}, {"nonce": "m"}, {"nonce": ""}, {"exp": AT - 61}, {"exp": "never"},
    {"nbf": AT + 3600}, {"sub": ""}, {"sub": 1}, {"iat": AT + 3600},
])  # fmt: skip
def test_what_is_for_others_or_another_time_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(SignInRefused):
        check({**CLAIMS, **wrong})


@pytest.mark.parametrize("left_out", ["iss", "aud", "sub", "nonce", "exp", "iat"])
def test_what_is_left_out_is_refused(left_out: str) -> None:
    with pytest.raises(SignInRefused):
        check({n: v for n, v in CLAIMS.items() if n != left_out})


def signed_with_what_all_know() -> str:
    """A token whose signature takes the public key for a secret."""
    head, body = (
        urlsafe_b64encode(json.dumps(p).encode()).rstrip(b"=") for p in ({"alg": "HS256", "kid": "ours"}, CLAIMS)
    )
    signature = hmac.digest(KEY.as_pem(private=False), head + b"." + body, "sha256")
    return b".".join([head, body, urlsafe_b64encode(signature).rstrip(b"=")]).decode()


def test_another_signature_is_refused() -> None:
    with pytest.raises(SignInRefused):
        check(CLAIMS, OTHER)
    with pytest.raises(SignInRefused):
        checked(signed_with_what_all_know(), KEYS, SETTINGS, "n", NOW)
    with pytest.raises(SignInRefused):
        check(CLAIMS, OctKey.import_key("x" * 32), {"alg": "none", "kid": "ours"})
    with pytest.raises(KeyUnknown):
        check(CLAIMS, KEY, {"alg": "RS256", "kid": "new"})
    for token in ("", "a.b.c", "é"):
        with pytest.raises(SignInRefused):
            checked(token, KEYS, SETTINGS, "n", NOW)


@pytest.mark.parametrize(("groups", "role", "marks"), [
    (["readers"], Role.ANALYST, {"restricted"}), (["readers", "team", "unheard of"], Role.ANALYST, {"restricted", "sgbv"}),
    ("readers", Role.ANALYST, {"restricted"}), (["team"], None, {"sgbv"}), (["readers", "engineers"], None, {"restricted"}),
    (["Readers"], None, set()), ([], None, set()), (None, None, set()), ([["readers"], 1], None, set()),
])  # fmt: skip
def test_groups_give_what_the_settings_say_and_nothing_else(groups: object, role: Role | None, marks: set[str]) -> None:
    assert given(SETTINGS, groups) == (role, marks)


def test_a_secret_that_others_can_read_is_no_secret(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("x")
    file.chmod(0o644)
    with pytest.raises(SettingsInvalid, match="chmod 600"):
        OrganisationLogin(SETTINGS.model_copy(update={"client_secret_file": file}), "https://here.example/back")
    with pytest.raises(SettingsInvalid, match="No such file"):
        OrganisationLogin(
            SETTINGS.model_copy(update={"client_secret_file": tmp_path / "no"}), "https://here.example/back"
        )


@pytest.mark.parametrize("issuer", ["http://login.example", "https://login.example?x", "ftp://x", "https://a@b"])
def test_a_provider_is_reached_by_https_alone(issuer: str) -> None:
    with pytest.raises(ValueError, match="issuer"):
        OrganisationSettings(issuer=issuer, client_id="x", client_secret_file=Path("x"), groups={})
