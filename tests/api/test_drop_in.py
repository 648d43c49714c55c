"""Clients of Hugging Face, the Open Inference Protocol and OpenAI's moderations, with only the address changed."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from huggingface_hub import InferenceClient

from care.access import Scope
from care.service_keys import make_key
from tests.api.conftest import House
from wiring.shapes.drop_in import STANDARD


@pytest.fixture
def program(anyone: TestClient, house: House) -> TestClient:
    anyone.headers["Authorization"] = f"Bearer {house.keys[Scope.CLASSIFY]}"
    return anyone


def tensor(*texts: str, **more: Any) -> dict[str, Any]:
    return {"inputs": [{"name": "text", "shape": [len(texts)], "datatype": "BYTES", "data": [*texts]} | more]}


def test_the_client_of_hugging_face_reads_labels_and_scores(served: House) -> None:
    client = InferenceClient(f"{served.parts.public_url}/hf/models/intent", token=served.keys[Scope.CLASSIFY])

    everything = client.text_classification("where is my order")
    best = client.text_classification("where is my order", top_k=1, function_to_apply="softmax")

    assert [(found.label, found.score) for found in best] == [(everything[0].label, everything[0].score)]
    assert everything[0].label == "order_status"
    assert sum(found.score for found in everything) <= 1


def test_each_of_several_texts_has_a_list_of_its_own(program: TestClient) -> None:
    body = {"inputs": ["where is my order", "hello"], "options": {"wait_for_model": True}}

    answer = program.post("/hf/models/intent", json=body)

    assert answer.status_code == 200
    assert [type(found) for found in answer.json()] == [list, list]
    assert answer.json()[0][0]["label"] == "order_status"


def test_a_task_is_a_model_of_the_open_inference_protocol(program: TestClient) -> None:
    told = program.get("/v2/models/intent").json()
    answer = program.post("/v2/models/intent/infer", json={"id": "a1", **tensor("where is my order", "hello")}).json()

    assert told["inputs"] == [{"name": "text", "datatype": "BYTES", "shape": [-1]}]
    assert (answer["model_name"], answer["id"], [answer["model_version"]]) == ("intent", "a1", told["versions"])
    outputs = {output["name"]: output for output in answer["outputs"]}
    assert outputs["label"]["data"][0] == "order_status"
    n_labels = len(told["labels"])
    assert outputs["probabilities"]["shape"] == [2, n_labels]
    assert len(outputs["probabilities"]["data"]) == 2 * n_labels
    of_label = outputs["probabilities"]["data"][told["labels"].index("order_status")]
    assert of_label == pytest.approx(outputs["score"]["data"][0])
    assert program.get("/v2/models/intent/ready").json() == {"name": "intent", "ready": True}


def test_probes_of_the_open_inference_protocol_need_no_key(anyone: TestClient) -> None:
    assert anyone.get("/v2").json()["name"] == "tactful"
    assert anyone.get("/v2/health/live").json() == {"live": True}
    assert anyone.get("/v2/health/ready").json() == {"ready": True}
    assert anyone.post("/v2/models/intent/infer", json=tensor("hello")).status_code == 401


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/v2/models/weather/infer", tensor("hello"), 404),
        ("/v2/models/intent/infer", tensor("hello", shape=[2]), 422),
        ("/v2/models/intent/infer", tensor("hello", datatype="FP32"), 422),
        ("/v2/models/intent/infer", tensor(), 422),
    ],
)
def test_its_errors_stand_where_its_clients_look(program: TestClient, path: str, body: object, status: int) -> None:
    refused = program.post(path, json=body)

    assert refused.status_code == status
    assert refused.json()["error"] == refused.json()["detail"]


def test_moderations_have_every_category_that_clients_expect_and_ours(anyone: TestClient, house: House) -> None:
    with house.store() as work:
        key, _ = make_key(work, "a test", [Scope.CLASSIFY], now=house.clock(), is_test=True)
    body = {"model": "omni-moderation-latest", "input": ["test: card", "hello"]}
    headers = {"Authorization": f"Bearer {key}"}

    answer = anyone.post("/openai/v1/moderations", json=body, headers=headers).json()

    card, hello = answer["results"]
    assert set(STANDARD) <= set(card["categories"]) == set(card["category_scores"])
    assert (card["flagged"], hello["flagged"]) == (True, False)
    assert card["categories"]["tactful/payment_card"] is True
    assert hello["categories"]["tactful/self_harm"] is False
    # What nothing here looks for is not said to be absent.
    assert "hate" in card["unjudged"]
    assert card["category_applied_input_types"]["hate"] == []


def test_parts_of_one_input_are_one_text_and_a_picture_is_refused(program: TestClient) -> None:
    words = [{"type": "text", "text": "my card is"}, {"type": "text", "text": "4111 1111 1111 1111"}]
    picture = [{"type": "image_url", "image_url": {"url": "https://example.test/a.png"}}]

    assert len(program.post("/openai/v1/moderations", json={"input": words}).json()["results"]) == 1
    assert program.post("/openai/v1/moderations", json={"input": picture}).status_code == 422


@pytest.mark.parametrize("path", ["/hf/models/intent", "/v2/models/intent/infer", "/openai/v1/moderations"])
def test_a_key_of_another_scope_may_not_ask(anyone: TestClient, house: House, path: str) -> None:
    refused = anyone.post(path, json={}, headers={"Authorization": f"Bearer {house.keys[Scope.READ]}"})

    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden_scope")
