"""The API against its own OpenAPI document: no answer is a crash, and each has the form it promises."""

import httpx
import pytest
from hypothesis import HealthCheck, settings

from app.asgi import create_app
from app.kit.api_docs import complete
from tests.support.callers import PASSWORD
from tests.support.routes import SOMEWHERE

# They end the session of the crawl, or wait on purpose.
LEFT_OUT = (
    "/api/auth/sign-out",
    "/api/auth/sign-in",
    "/api/auth/sign-up",
    "/api/auth/sessions",
    "/api/auth/password",
    "/api/auth/unlock",
)
PARTS = 15
"""So many tests share the operations: enough for all workers to have some."""


@pytest.fixture(scope="module")
def operations():
    """The operations of our document. What plays them is loaded here, by the workers that do, and not to collect."""
    import schemathesis  # noqa: PLC0415

    # Made-up credentials would only show that they are refused; other tests do that.
    document = complete(create_app(SOMEWHERE).openapi_schema.to_schema()) | {"security": []}
    schema = schemathesis.openapi.from_dict(document).exclude(path=list(LEFT_OUT))
    return schema.config, [found.ok() for found in schema.get_all_operations()]


@pytest.fixture(scope="module")
def session(product):
    """An owner who is signed in, and a clinic with one of most things."""
    http = httpx.Client(base_url=product.url, headers={"origin": product.url}, timeout=30, trust_env=False)
    made = http.post(
        "/api/auth/sign-up",
        json={"clinic_name": "Contract", "name": "Cora", "email": "contract@clinic.test", "password": PASSWORD},
    ).json()
    http.headers["x-csrftoken"] = http.cookies["csrftoken"]
    at = f"/api/v1/clinics/{made['clinic']['slug']}"
    contact = http.post(f"{at}/contacts", json={"name": "Anna", "phone": "+12025550101"}).json()
    thread = http.post(f"{at}/threads", json={"contact_id": contact["id"]}).json()
    note = http.post(f"{at}/threads/{thread['id']}/notes", json={"body": "Hello"}).json()
    reply = http.post(f"{at}/saved-replies", json={"name": "Hi", "body": "Hello"}).json()
    known = {
        "cid": made["clinic"]["slug"],
        "contact_id": contact["id"],
        "thread_id": thread["id"],
        "message_id": note["id"],
        "reply_id": reply["id"],
    }
    yield http, known
    http.close()


@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_is_sent_gets_an_answer_of_the_promised_form(part, operations, session):
    from schemathesis.generation.feedback import FeedbackSources  # noqa: PLC0415
    from schemathesis.pytest._test_builder import build_operation_test  # noqa: PLC0415

    config, every = operations
    for operation in every[part::PARTS]:
        play = build_operation_test(
            config=config,
            operation=operation,
            test_func=player(*session),
            given_kwargs={},
            feedback=FeedbackSources(),
        )
        try:
            play()
        except Exception as error:
            error.add_note(f"This was {operation.label}.")
            raise


def player(http, known):
    """What is done with each case of an operation."""
    from schemathesis.checks import not_a_server_error  # noqa: PLC0415
    from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance  # noqa: PLC0415

    checks = [not_a_server_error, content_type_conformance, response_schema_conformance]

    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    def play(case):
        for name, value in known.items():
            if name in (case.path_parameters or {}):
                case.path_parameters[name] = value
        headers = {"origin": str(http.base_url), "x-csrftoken": http.headers["x-csrftoken"]}
        answer = case.call(base_url=str(http.base_url), headers=headers, cookies=dict(http.cookies), timeout=30)
        assert answer.status_code != 401
        case.validate_response(answer, checks=checks)
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == ["application/problem+json"]

    return play
