"""Passwords and codes of a second factor: how they are kept and checked.

Here: argon2id with the parameters of RFC 9106 for machines with little memory, codes by RFC 6238.
Not here: where they are kept, lock-out, which code was used (accounts).
"""

from __future__ import annotations

import hmac
import unicodedata
from datetime import datetime
from functools import cache

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 1000
STEP_SECONDS = 30
_STEPS_APART = 1
"""A code of the step before and after fits as well: clocks differ, and people type slowly (RFC 6238, 5.2)."""


def hashed(password: str) -> str:
    """The argon2id hash of a password, with its salt and parameters."""
    from argon2 import PasswordHasher

    return PasswordHasher().hash(_normal(password))


def fits(kept: str | None, password: str) -> bool:
    """Whether a password is the one that was hashed. Without a hash the work is the same, and the answer no."""
    from argon2 import PasswordHasher
    from argon2.exceptions import VerificationError

    stand_in = _stand_in()
    if len(password) > LONGEST_PASSWORD:
        return False
    try:
        PasswordHasher().verify(kept or stand_in, _normal(password))
    except VerificationError:
        return False
    return kept is not None


def new_secret() -> str:
    """A secret for codes, in the base 32 that apps take."""
    import pyotp

    return pyotp.random_base32()


def uri(secret: str, name: str, holding: str) -> str:
    """What an app for codes reads, as text or as a picture made from it."""
    import pyotp

    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=f"iimm {holding}")


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """The step of time whose code this is, of those that count now; None for none."""
    import pyotp

    one_time, typed = pyotp.TOTP(secret), "".join(code.split()).encode()
    present = int(now.timestamp()) // STEP_SECONDS
    near = range(present - _STEPS_APART, present + _STEPS_APART + 1)
    found = [step for step in near if hmac.compare_digest(one_time.generate_otp(step).encode(), typed)]
    return found[-1] if found else None


def _normal(password: str) -> bytes:
    """One form of what keyboards write in several (NIST SP 800-63B, 3.1.1.2)."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", errors="surrogatepass")


@cache
def _stand_in() -> str:
    return hashed("nobody has this one")
