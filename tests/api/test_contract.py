"""What the OpenAPI document promises holds for requests that nobody thought of, made from the document itself."""

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.app import create_app
from tests.api.conftest import House

UNLIKE_OTHERS = ["/v1/events/stream", "/v1/classify/stream"]
"""One never ends; the other's lines are no JSON document."""
CHECKS = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@pytest.fixture
def operations(house: House) -> list[schemathesis.schemas.APIOperation]:
    document = schemathesis.openapi.from_asgi("/openapi.json", create_app(parts=house.parts))
    return [operation.ok() for operation in document.exclude(path=UNLIKE_OTHERS).get_all_operations()]


# Schemathesis reads sources for constants and leaves the files to the collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_every_answer_to_a_made_up_request_is_one_that_the_document_tells(
    operations: list[schemathesis.schemas.APIOperation], house: House
) -> None:
    headers = {"Authorization": f"Bearer {house.keys['all']}"}

    for operation in operations:

        @given(case=operation.as_strategy())
        @settings(
            max_examples=3, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
        )
        def holds(case: schemathesis.Case) -> None:
            answer = case.call(headers=headers)

            assert answer.status_code != 500
            case.validate_response(answer, checks=CHECKS)

        holds()
