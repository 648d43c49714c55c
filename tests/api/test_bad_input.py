"""Bad input, as data: what is sent, and what must come back. Never a 500, never an echo, nothing stored."""

import gzip
import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.reading import DEPTH_MAX
from care.access import Scope
from care.lists import View
from tests.api.conftest import House

CANARY = "4111111111111111"
J = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Row:
    """One line of the corpus; `id` is that of the threat model's list."""

    id: str
    body: bytes
    status: int
    code: str
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "application/json"),)


def deep(levels: int) -> bytes:
    return b'{"text":' + b"[" * levels + b"]" * levels + b"}"


ROWS = [
    Row("B1-empty", b"", 400, "invalid_json"),
    *(Row(f"B2-{word}", word.encode(), 422, "validation_failed") for word in ("null", "[]", '"x"', "1", "true")),
    Row("B3-truncated", b'{"text":"a', 400, "invalid_json"),
    Row("B4-trailing-comma", b'{"text":"a",}', 400, "invalid_json"),
    Row("B4-comment", b'{"text":"a"} // hi', 400, "invalid_json"),
    Row("B4-single-quotes", b"{'text':'a'}", 400, "invalid_json"),
    Row("B5-two-documents", b'{"text":"a"}{"text":"b"}', 400, "invalid_json"),
    Row("B6-duplicate-keys", b'{"text":"a","text":"b"}', 400, "invalid_json"),
    Row("B6-duplicate-deep", b'{"text":"a","options":{"top_k":1,"top_k":2}}', 400, "invalid_json"),
    Row("B7-unknown-key", b'{"text":"a","is_admin":true}', 422, "validation_failed"),
    Row("B8-depth-33", deep(DEPTH_MAX + 1), 400, "invalid_json"),
    Row("B8-depth-5000", deep(5_000), 400, "invalid_json"),
    Row("B8-depth-100000", deep(100_000), 400, "invalid_json"),
    Row("B9-keys", json.dumps({f"k{n}": 1 for n in range(50_000)}).encode(), 400, "invalid_json"),
    *(Row(f"B10-{w}", f'{{"text":{w}}}'.encode(), 400, "invalid_json") for w in ("NaN", "Infinity", "-Infinity")),
    Row("B11-1e999", b'{"text":"a","options":{"top_k":1e999}}', 422, "validation_failed"),
    Row("B11-float-for-int", b'{"text":"a","options":{"top_k":1.5}}', 422, "validation_failed"),
    Row("B11-minus-zero", b'{"text":"a","options":{"top_k":-0}}', 422, "validation_failed"),
    Row("B12-4000-digits", b'{"text":"a","options":{"top_k":' + b"9" * 4000 + b"}}", 422, "validation_failed"),
    Row("B12-5000-digits", b'{"text":"a","options":{"top_k":' + b"9" * 5000 + b"}}", 422, "validation_failed"),
    Row("B12-2^63", b'{"text":"a","options":{"top_k":9223372036854775808}}', 422, "validation_failed"),
    Row(
        "B13-gzip",
        gzip.compress(b'{"text":"a"}'),
        415,
        "unsupported_media_type",
        (*J.items(), ("Content-Encoding", "gzip")),
    ),
    Row("B14-br", b"x", 415, "unsupported_media_type", (*J.items(), ("Content-Encoding", "br"))),
    Row("B16-too-large", b'{"text":"' + b"a" * 1_048_576 + b'"}', 413, "payload_too_large"),
    Row("B18-text", b'{"text":"a"}', 415, "unsupported_media_type", (("Content-Type", "text/plain"),)),
    Row("B18-form", b"text=a", 415, "unsupported_media_type", (("Content-Type", "application/x-www-form-urlencoded"),)),
    Row(
        "B19-charset",
        '{"text":"a"}'.encode("utf-16"),
        415,
        "unsupported_media_type",
        (("Content-Type", "application/json; charset=utf-16"),),
    ),
    Row("B19-utf-16", '{"text":"a"}'.encode("utf-16"), 400, "invalid_encoding"),
    Row("B21-ff", b'{"text":"\xff\xfe"}', 400, "invalid_encoding"),
    Row("B21-overlong", b'{"text":"\xc0\xaf"}', 400, "invalid_encoding"),
    Row("B21-cut", b'{"text":"\xe2\x82"}', 400, "invalid_encoding"),
    Row("B23-lone-surrogate", b'{"text":"\\ud800"}', 422, "validation_failed"),
    Row("B24-surrogate-elsewhere", b'{"text":"a","channel":"\\udfff"}', 422, "validation_failed"),
    Row("B24-surrogate-key", b'{"text":"a","\\ud800":1}', 422, "validation_failed"),
    Row("B25-reversed-pair", b'{"text":"\\udc00\\ud800"}', 422, "validation_failed"),
    Row("B26-nul", b'{"text":"a\\u0000b"}', 422, "validation_failed"),
    Row("B42-long-text", json.dumps({"text": "a" * 20_001}).encode(), 422, "validation_failed"),
    Row(
        "B59-multipart",
        b"--x\r\n\r\n",
        415,
        "unsupported_media_type",
        (("Content-Type", "multipart/form-data; boundary=x"),),
    ),
    Row(
        "B60-xml",
        b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
        415,
        "unsupported_media_type",
        (("Content-Type", "application/xml"),),
    ),
    Row("two-shapes", b'{"text":"a","inputs":[{"text":"b"}]}', 422, "validation_failed"),
    Row("batch-of-none", b'{"inputs":[]}', 422, "validation_failed"),
    Row("batch-of-257", json.dumps({"inputs": [{"text": "a"}] * 257}).encode(), 422, "validation_failed"),
    Row(
        "canary-in-wrong-place",
        json.dumps({"text": "a", CANARY: CANARY, "options": {"top_k": CANARY}}).encode(),
        422,
        "validation_failed",
    ),
]


def test_every_row_of_the_corpus_is_refused_as_it_says(anyone: TestClient, house: House) -> None:
    key = {"Authorization": f"Bearer {house.keys['all']}"}
    wrong = []
    for row in ROWS:
        response = anyone.post("/v1/classify", content=row.body, headers=dict(row.headers) | key)
        body = response.json() if response.headers["content-type"] == "application/problem+json" else {}
        if (response.status_code, body.get("code")) != (row.status, row.code) or CANARY in response.text:
            wrong.append((row.id, response.status_code, response.text[:200]))

    assert wrong == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"text":\n  "a"', "not valid JSON: look at line 2, column 6"),
        (b'{"text":"a","text":"b"}', "names one key twice"),
        (b'{"text":NaN}', "NaN and infinities"),
        (deep(DEPTH_MAX + 1), "more than 32 levels"),
        (b'{"txt":"a"}', "it has text, subject, inputs, tasks, options."),
        (b'{"text":"a","options":{"topk":1}}', "it has top_k, explain, precision."),
        (b"[1]", "This has to be a JSON object."),
        (b'{"text":"a","options":{"precision":2}}', "Input should be less than 1"),
        (b'{"text":"a","tasks":["mood"]}', "we have intent, sentiment, urgency."),
        (b'{"text":"' + b"a" * 1_048_576 + b'"}', "larger than 1,048,576 bytes"),
    ],
)
def test_an_error_says_what_is_wrong_and_where(anyone: TestClient, house: House, body: bytes, words: str) -> None:
    answer = anyone.post("/v1/classify", content=body, headers={"Authorization": f"Bearer {house.keys['all']}", **J})

    problem = answer.json()
    assert words in " ".join([problem["detail"], *(error["detail"] for error in problem.get("errors", []))])


def test_a_place_is_named_by_our_own_fields_only(anyone: TestClient, house: House) -> None:
    key = {"Authorization": f"Bearer {house.keys['all']}"}
    asked = {"text": "a", "options": {"precision": {CANARY: 2}}}

    answer = anyone.post("/v1/classify", json=asked, headers=key)

    (problem,) = answer.json()["errors"]
    assert (problem["pointer"], problem["code"]) == ("/options/precision", "less_than")
    assert CANARY not in answer.text


def test_a_wrong_query_says_what_would_be_right(agent: TestClient) -> None:
    problems = agent.get("/v1/cases?limit=999&view=odd").json()["errors"]

    assert {problem["pointer"]: problem["detail"] for problem in problems} == {
        "/query/view": "Input should be 'now_due', 'offline', 'waiting', 'mine' or 'all'",
        "/query/limit": "Input should be less than or equal to 200",
    }


def test_the_largest_body_is_the_operators_to_set(house: House) -> None:
    from dataclasses import replace

    from api.app import create_app

    with TestClient(create_app(parts=replace(house.parts, max_body_bytes=100))) as client:
        key = {"Authorization": f"Bearer {house.keys['all']}"}
        answers = [client.post("/v1/classify", json={"text": "a" * n}, headers=key) for n in (20, 200)]

    assert [answer.status_code for answer in answers] == [200, 413]


def test_no_key_and_no_person_get_past_with_any_row(anyone: TestClient) -> None:
    statuses = {anyone.post("/v1/classify", content=row.body, headers=dict(row.headers)).status_code for row in ROWS}

    assert statuses == {401}


def test_a_byte_order_mark_is_read_over(anyone: TestClient, house: House) -> None:
    headers = {"Authorization": f"Bearer {house.keys['all']}", **J}

    response = anyone.post("/v1/classify", content=b'\xef\xbb\xbf{"text":"where is my order"}', headers=headers)

    assert response.status_code == 200


@pytest.mark.parametrize(
    "text", ["", "   ", "\u200b", "\u0301\u0301", "\r\n\u2028\u2029\x85", "\x1b[31mred", "😀" * 9_999, "a" * 20_000]
)
def test_odd_but_honest_texts_are_classified(anyone: TestClient, house: House, text: str) -> None:
    response = anyone.post(
        "/v1/classify", json={"text": text}, headers={"Authorization": f"Bearer {house.keys['all']}"}
    )

    assert response.status_code == 200


def test_an_endless_body_is_cut_off(anyone: TestClient, house: House) -> None:
    sent = 0

    def endless() -> object:
        nonlocal sent
        while sent < 50_000_000:
            sent += 65_536
            yield b"a" * 65_536

    headers = {"Authorization": f"Bearer {house.keys['all']}", **J}
    response = anyone.post("/v1/classify", content=endless(), headers=headers)  # type: ignore[arg-type]

    assert response.status_code == 413


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/v1/messages?limit=0", 422),
        ("/v1/messages?limit=-1", 422),
        ("/v1/messages?limit=1000000000", 422),
        ("/v1/messages?limit=ten", 422),
        ("/v1/messages?cursor=forged", 422),
        ("/v1/cases?view=nope", 422),
        ("/v1/cases?search=%FF%FE", 400),
        ("/v1/cases?search=a%00b", 400),
        ("/v1/cases?search=' OR 1=1 --", 200),
        ("/v1/cases?search=%25_%5C", 200),
        ("/v1/messages/nope", 404),
        ("/v1/messages/" + "a" * 257, 404),
        ("/v1/messages/a%2Fb", 404),
        ("/v1/messages/..%2F..%2Fetc", 404),
        ("/v1/messages/%00", 404),
        ("/v1/messages/%F0%9F%98%80", 404),
        ("/v1//messages", 404),
        ("/v1/messages/", 404),
        ("/v1/messages;jsessionid=1", 404),
        ("/v1/messages.", 404),
        ("/v1/nowhere", 404),
        ("/V1/MESSAGES", 404),
    ],
)
def test_odd_addresses_find_nothing_and_break_nothing(agent: TestClient, address: str, status: int) -> None:
    response = agent.get(address)

    assert response.status_code == status
    if status != 200 and address.startswith("/v1"):
        assert response.headers["content-type"] == "application/problem+json"


def test_a_forged_place_in_a_list_is_told_with_what_to_do(agent: TestClient) -> None:
    refused = agent.get("/v1/messages?cursor=forged").json()

    assert refused["code"] == "bad_cursor"
    assert "start from the first page" in refused["detail"]


@pytest.mark.parametrize("method", ["TRACE", "PUT", "PATCH", "DELETE", "BREW"])
def test_unknown_methods_are_refused_and_cannot_be_smuggled(agent: TestClient, method: str) -> None:
    response = agent.request(method, "/v1/messages", headers={"X-HTTP-Method-Override": "GET"})

    assert response.status_code == 405
    assert response.json()["code"] == "method_not_allowed"


def test_another_host_name_is_not_answered(house: House) -> None:
    from dataclasses import replace

    from api.app import create_app

    app = create_app(parts=replace(house.parts, hosts=frozenset({"testserver"})))
    with TestClient(app) as client:
        assert client.get("/health/live").status_code == 200
        assert client.get("/health/live", headers={"Host": "evil.example"}).status_code == 421


def test_what_is_sent_never_comes_back_in_an_error(agent: TestClient, house: House) -> None:
    canary = f"{CANARY}"
    message_id = house.say("where is my order")
    suggestion = house.suggestion(message_id)
    tag = {"If-Match": f'"{suggestion.choice.version}"'}
    answers = [
        agent.get(f"/v1/messages/{canary}"),
        agent.get(f"/v1/suggestions/{canary}"),
        agent.get(f"/nowhere/{canary}"),
        agent.get(f"/v1/messages?cursor={canary}&limit=x{canary}"),
        agent.post(f"/inbox/{canary}", content=canary),
        agent.post("/v1/classify", json={"text": [canary]}),
        agent.post("/v1/classify", json={canary: canary}),
        agent.post("/v1/session", json={"email": canary, "password": canary}),
        agent.post(f"/v1/suggestions/{suggestion.id}/approve", json={"text": f"my card is {canary}"}, headers=tag),
        agent.post(f"/v1/suggestions/{suggestion.id}/approve", json={"text": "a"}, headers={"If-Match": canary}),
    ]

    assert [(a.status_code, canary in a.text) for a in answers if a.status_code < 400 or canary in a.text] == []


def test_an_error_of_ours_says_nothing_but_its_id(house: House) -> None:
    from api.app import create_app

    class Broken:
        bundle_id = "broken"

        def classify(self, text: str, *, thread: object = ()) -> object:
            raise RuntimeError(f"cannot read {text}")

    from dataclasses import replace

    broken = replace(house.parts, journey=replace(house.journey, classifier=Broken()))  # type: ignore[arg-type]
    with TestClient(create_app(parts=broken), raise_server_exceptions=False) as client:
        headers = {"Authorization": f"Bearer {house.keys['all']}", "X-Request-Id": "given-by-me"}
        response = client.post("/v1/classify", json={"text": CANARY}, headers=headers)

    assert response.status_code == 500
    assert response.json()["request_id"] == "given-by-me"
    assert CANARY not in response.text


@pytest.mark.parametrize(
    "extra", ["approved_by", "state", "stage", "role", "handling", "id", "thread_id", "version", "received_at"]
)
def test_a_write_route_takes_no_key_it_does_not_name(agent: TestClient, house: House, extra: str) -> None:
    suggestion = house.suggestion(house.say("where is my order AB-10442"))

    response = agent.post(
        f"/v1/suggestions/{suggestion.id}/approve",
        json={"text": "Hello there.", extra: "x"},
        headers={"If-Match": f'"{suggestion.choice.version}"'},
    )

    assert response.status_code == 422
    with house.store() as work:
        assert work.suggestions.get(suggestion.id).choice.state == "proposed"


def test_nothing_was_kept_of_what_was_refused(anyone: TestClient, house: House, tmp_path: Path) -> None:
    key = {"Authorization": f"Bearer {house.keys[Scope.WRITE]}"}
    for row in ROWS:
        anyone.post("/v1/messages", content=row.body, headers=dict(row.headers) | key)

    with house.store() as work:
        assert work.lists.page(View.ALL).cases == ()


@pytest.mark.parametrize("precision", [0.2, 1.0, "0.95", {"intent": 2.0}, {"mood": 0.9}, []])
def test_a_precision_that_means_nothing_is_refused(anyone: TestClient, house: House, precision: object) -> None:
    headers = {"Authorization": f"Bearer {house.keys['all']}"}
    body = {"text": "where is my order", "options": {"precision": precision}}

    response = anyone.post("/v1/classify", json=body, headers=headers)

    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["code"] == "validation_failed"


def test_a_precision_can_be_asked_for_a_task_we_have(anyone: TestClient, house: House) -> None:
    headers = {"Authorization": f"Bearer {house.keys['all']}"}
    task = next(iter(house.parts.labels), None)
    body = {"text": "where is my order", "options": {"precision": {task: 0.9} if task else 0.9}}

    assert anyone.post("/v1/classify", json=body, headers=headers).status_code == 200
