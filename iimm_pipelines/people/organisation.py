"""The organisation's login: who somebody is, as its OpenID Connect provider says, and what their groups give them.

Here: the way to the provider and back (authorization code with PKCE, state and nonce), checking what it says, groups.
Not here: accounts (accounts), the addresses of the page (page/organisation_page).

The provider's keys and answers come from the configured issuer alone: another origin in its own description is refused.
What it says is one signed ID token; nothing is read from anywhere else.
"""

from __future__ import annotations

import hashlib
import secrets
import stat
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from iimm_pipelines.people.accounts import Account, Accounts, SignInRefused
from iimm_pipelines.people.rights import Role
from iimm_pipelines.settings import OrganisationSettings, SettingsInvalid

ALGORITHMS = ("RS256", "PS256", "ES256", "ES384", "EdDSA", "Ed25519")
"""Signatures by a key that only the provider has: none of these can be made with what it publishes."""
_PENDING = timedelta(minutes=10)
_MOST_PENDING = 10_000
_KEPT = timedelta(hours=1)
_ASK_AGAIN = timedelta(minutes=1)
"""How soon keys are fetched again for a token whose key is not among them."""
_LEEWAY_SECONDS = 60
_TIMEOUT_SECONDS = 10


class OrganisationUnavailable(RuntimeError):
    """The provider does not answer, or not as one does. The message is for who runs this installation."""


@dataclass(frozen=True, slots=True)
class _Pending:
    """A sign-in that was begun. `browser`: digest of what the browser was given to come back with."""

    browser: bytes
    nonce: str
    verifier: str
    begun: datetime


@dataclass(frozen=True, slots=True)
class _Provider:
    authorization: str
    token: str
    keys: Mapping[str, Any]
    at: datetime


class OrganisationLogin:
    """The login of one page. Sign-ins that were begun live in this process alone."""

    def __init__(self, settings: OrganisationSettings, back: str) -> None:
        """Sign in at the provider of the settings, which sends people back to the address `back`.

        Raises:
            SettingsInvalid: the secret's file cannot be read, or by others as well.
        """
        self.settings = settings
        self._back = back
        self._secret = _secret(settings)
        self._pending: dict[str, _Pending] = {}
        self._provider: _Provider | None = None
        self._lock = threading.Lock()

    @property
    def longest(self) -> timedelta:
        """How long a session may last: so late a group that was taken away has its effect."""
        return timedelta(hours=self.settings.session_hours)

    def begin(self, now: datetime) -> tuple[str, str]:
        """Where to send a browser, and what it must come back with.

        Raises:
            OrganisationUnavailable: the provider does not answer as it should.
        """
        provider = self._known(now)
        browser, state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(4))
        with self._lock:
            fresh = {s: p for s, p in self._pending.items() if now - p.begun < _PENDING}
            self._pending = dict(list(fresh.items())[-_MOST_PENDING:])
            self._pending[state] = _Pending(_digest(browser), nonce, verifier, now)
        with self._client() as client:
            address, _ = client.create_authorization_url(
                provider.authorization, state=state, code_verifier=verifier, nonce=nonce, redirect_uri=self._back
            )
        return str(address), browser

    def end(self, accounts: Accounts, answer: Mapping[str, str], browser: str, now: datetime) -> Account:
        """The account of somebody who came back, made or changed to what their groups give them.

        Raises:
            SignInRefused: for whatever cause.
            OrganisationUnavailable: the provider does not answer as it should.
        """
        with self._lock:
            pending = self._pending.pop(answer.get("state", ""), None)
        if pending is None or now - pending.begun >= _PENDING or pending.browser != _digest(browser):
            raise SignInRefused
        if (iss := answer.get("iss")) is not None and iss != self.settings.issuer:  # RFC 9207
            raise SignInRefused
        if not answer.get("code"):
            raise SignInRefused
        claims = self._claims(self._token(answer["code"], pending, now), pending.nonce, now)
        identity = f"{claims['iss']} {claims['sub']}"
        name = str(claims.get(self.settings.name_claim, "")).lower()
        role, marks = given(self.settings, claims.get(self.settings.groups_claim))
        if role is None:
            accounts.leave(identity)
            raise SignInRefused
        return accounts.welcome(identity, name, role, sorted(marks), now)

    def _token(self, code: str, pending: _Pending, now: datetime) -> str:
        from authlib.common.errors import AuthlibBaseError
        from httpx import HTTPError

        try:
            with self._client() as client:
                got = client.fetch_token(self._known(now).token, code=code, code_verifier=pending.verifier,
                                         redirect_uri=self._back, grant_type="authorization_code")  # fmt: skip
        except HTTPError as wrong:
            raise OrganisationUnavailable(f"{self.settings.issuer}: {type(wrong).__name__}") from None
        except (AuthlibBaseError, ValueError):
            raise SignInRefused from None
        token = got.get("id_token")
        if not isinstance(token, str):
            raise SignInRefused
        return token

    def _claims(self, token: str, nonce: str, now: datetime) -> Mapping[str, Any]:
        try:
            return checked(token, self._known(now).keys, self.settings, nonce, now)
        except KeyUnknown:  # the provider may have new keys
            return checked(token, self._known(now, _ASK_AGAIN).keys, self.settings, nonce, now)

    def _client(self) -> Any:
        from authlib.integrations.httpx_client import OAuth2Client

        return OAuth2Client(self.settings.client_id, self._secret, scope=" ".join(self.settings.scopes),
                            code_challenge_method="S256", timeout=_TIMEOUT_SECONDS, trust_env=False)  # fmt: skip

    def _known(self, now: datetime, kept: timedelta = _KEPT) -> _Provider:
        """What the issuer says of itself, and its keys."""
        with self._lock:
            if self._provider is None or not timedelta() <= now - self._provider.at < kept:
                self._provider = self._asked(now)
            return self._provider

    def _asked(self, now: datetime) -> _Provider:
        import httpx

        issuer = self.settings.issuer
        try:
            with httpx.Client(timeout=_TIMEOUT_SECONDS, trust_env=False) as client:
                said = client.get(f"{issuer.rstrip('/')}/.well-known/openid-configuration").raise_for_status().json()
                places = [said["authorization_endpoint"], said["token_endpoint"], said["jwks_uri"]]
                if said["issuer"] != issuer or any(_origin(p) != _origin(issuer) for p in places):
                    raise OrganisationUnavailable(
                        f"{issuer} says of itself that it is elsewhere: `issuer` in iimm.toml names another"
                    )
                keys = client.get(said["jwks_uri"]).raise_for_status().json()
        except (httpx.HTTPError, ValueError, KeyError, TypeError, AttributeError) as wrong:
            raise OrganisationUnavailable(
                f"{issuer} does not answer as a provider does: {type(wrong).__name__}"
            ) from None
        return _Provider(places[0], places[1], keys, now)


class KeyUnknown(SignInRefused):
    """None of the provider's keys is the one that signed."""


def checked(
    token: str, keys: Mapping[str, Any], settings: OrganisationSettings, nonce: str, now: datetime
) -> Mapping[str, Any]:
    """The claims of an ID token that the provider signed, for this page, for this sign-in, now.

    Raises:
        SignInRefused: it is not that.
        KeyUnknown: it may be, by a key that is not among these.
    """
    from authlib.oidc.core import CodeIDToken
    from joserfc import jwt
    from joserfc.errors import InvalidKeyIdError, JoseError
    from joserfc.jwk import KeySet

    wanted = {
        "iss": {"essential": True, "value": settings.issuer},
        "aud": {"essential": True, "value": settings.client_id},
    }
    try:
        # joserfc types a key set by its fields; what the issuer sent is checked as it is imported
        decoded = jwt.decode(token, KeySet.import_key_set(dict(keys)), algorithms=list(ALGORITHMS))  # type: ignore[arg-type]
        claims = CodeIDToken(decoded.claims, decoded.header, wanted, {"nonce": nonce, "client_id": settings.client_id})
        claims.validate(now=int(now.timestamp()), leeway=_LEEWAY_SECONDS)
    except InvalidKeyIdError:
        raise KeyUnknown from None
    except (JoseError, ValueError, KeyError, TypeError):
        raise SignInRefused from None
    if not isinstance(claims.get("sub"), str) or not claims["sub"] or not nonce:
        raise SignInRefused
    return dict(claims)


def given(settings: OrganisationSettings, groups: object) -> tuple[Role | None, frozenset[str]]:
    """The role and marks that groups give; no role where they give none, or several, which takes several accounts."""
    named = [groups] if isinstance(groups, str) else groups if isinstance(groups, list) else []
    mine = [settings.groups[g] for g in named if isinstance(g, str) and g in settings.groups]
    roles = {g.role for g in mine if g.role is not None}
    return (roles.pop() if len(roles) == 1 else None), frozenset(m for g in mine for m in g.marks)


def _secret(settings: OrganisationSettings) -> str:
    file = settings.client_secret_file.expanduser()
    try:
        if stat.S_IMODE(file.stat().st_mode) & 0o077:
            raise SettingsInvalid(f"{file} can be read by others: chmod 600 {file}")
        return file.read_text(encoding="utf-8").strip()
    except OSError as wrong:
        raise SettingsInvalid(f"client_secret_file {file}: {wrong.strerror}") from None


def _origin(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    return parts.scheme, parts.netloc


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
