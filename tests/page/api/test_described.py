"""The description is true: what it allows is answered as it says, what it forbids is refused, and nothing fails."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import CHECKS

from iimm_pipelines.holding import Holding
from iimm_pipelines.page.app import app
from iimm_pipelines.page.routes import ROUTES

_ALLOWED_BUT_SENSELESS = "positive_data_acceptance"
"""What a person could mean by a word, a time or a rank is more than a schema can say: such a value is refused with 400."""

PROGRAMS = [(r.method, r.path) for r in ROUTES if r.api is not None]
HERE = {"Host": "127.0.0.1"}


@pytest.fixture(scope="module")
def described(told: Holding) -> Any:
    return schemathesis.openapi.from_asgi("/api/v1/openapi.json", app(told), headers=HERE)


@pytest.fixture(scope="module")
def token(told: Holding) -> str:
    shown, _ = told.accounts.new_token("all.analyst", "tests", 1, datetime.now(UTC))
    return shown


@pytest.mark.parametrize(("method", "path"), PROGRAMS)
def test_every_answer_is_as_described(described: Any, token: str, method: str, path: str) -> None:
    senseless = CHECKS.get_by_names([_ALLOWED_BUT_SENSELESS])

    @given(case=described[path][method].as_strategy())
    @settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
    def ask(case: Any) -> None:
        case.call_and_validate(headers={**HERE, "Authorization": f"Bearer {token}"}, excluded_checks=senseless)

    ask()
