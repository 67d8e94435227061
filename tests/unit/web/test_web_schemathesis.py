"""Questions that nobody would think of: what the OpenAPI allows and what it does not, made up by schemathesis."""

from __future__ import annotations

from pathlib import Path

import pytest
import schemathesis
from household import Household
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from collector.web.openapi import described

pytestmark = pytest.mark.slow

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
    ignored_auth,
)


#: Questions of each route: enough to meet every parameter in good and bad shape, few enough for every run.
MANY = settings(
    max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None
)


def operations(folder: Path):
    """Every route of the API over a made-up plant, as it describes itself."""
    house = Household(folder, 2)
    house.run()
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", house.app)
    return [found.ok() for found in schema.get_all_operations()]


def test_answers_are_as_described_whatever_is_asked(tmp_path, monkeypatch):
    # The made-up collector says once that it runs; that holds for the whole test.
    monkeypatch.setattr("collector.web.live.STATUS_FRESH", 1e9)
    seen = []
    for operation in operations(tmp_path):

        @MANY
        @given(case=operation.as_strategy())
        def ask(case):
            case.call_and_validate(checks=list(CHECKS), headers={"Accept-Encoding": "identity"})

        ask()
        seen.append(operation.label)
    known = {f"{method.upper()} {path}" for path, methods in described()["paths"].items() for method in methods}
    assert set(seen) == known - {"GET /api/openapi.json"}, "its own description is where they come from"
