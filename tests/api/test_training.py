"""/v1/training and its pages: administrators ask for jobs, see what they say, and settle suspects."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from care.ports import TRAIN
from tests.api.conftest import House, sign_in
from wiring.training_jobs import SUSPECTS, TrainingJobs, TrainingWish

pytestmark = pytest.mark.issue(17)
LIST = "line,task,label,likely,chance,likely_chance,text,right,by\n" + "".join(
    f"{n},reason,Refund,Delivery,0.1,0.8,where is <b>parcel {n}</b>,,\n" for n in (2, 3)
)


@pytest.fixture
def jobs(house: House) -> TrainingJobs:
    made = house.parts.trainings.home / "datasets" / "history"
    made.mkdir(parents=True)
    (made / "dataset.json").write_text("{}")
    return replace(house.parts.trainings, command=(sys.executable, "-c", "print('learning')"))


@pytest.fixture
def admin(anyone: TestClient, jobs: TrainingJobs) -> TestClient:
    anyone.headers["X-CSRF-Token"] = sign_in(anyone, "admin")
    return anyone


def test_an_administrator_asks_for_a_job_and_reads_what_it_says(admin: TestClient, jobs: TrainingJobs) -> None:
    asked = admin.post("/v1/training/jobs", json={"kind": "retrain", "data": "history", "encoder": "none"})
    assert (asked.status_code, asked.json()["state"], asked.json()["by"]) == (202, "waiting", "Some admin")
    again = admin.post("/v1/training/jobs", json={"kind": "rollback"})
    assert (again.status_code, "under way" in again.json()["detail"]) == (409, True)

    jobs.run(asked.json()["id"])

    told = admin.get(f"/v1/training/jobs/{asked.json()['id']}").json()
    assert (told["state"], "learning" in told["log"]) == ("done", True)
    listed = admin.get("/v1/training/jobs").json()
    assert (listed["datasets"], [job["id"] for job in listed["jobs"]]) == (["history"], [told["id"]])
    assert admin.post(f"/v1/training/jobs/{told['id']}/cancel").json()["state"] == "done"
    assert admin.get("/v1/training/jobs/trn_none").status_code == 404


def test_nobody_else_does(admin: TestClient, house: House, agent: TestClient) -> None:
    assert agent.get("/v1/training/jobs").status_code == 403
    assert agent.post("/v1/training/jobs", json={"kind": "rollback"}).status_code == 403
    key = {"Authorization": f"Bearer {house.keys['all']}"}
    assert TestClient(agent.app).get("/v1/training/jobs", headers=key).status_code == 403
    assert agent.post("/training", data={"csrf": agent.headers["X-CSRF-Token"], "kind": "rollback"}).status_code == 403


def test_what_cannot_be_is_said_on_the_page(admin: TestClient) -> None:
    csrf = admin.headers["X-CSRF-Token"]

    page = admin.post("/training", data={"csrf": csrf, "kind": "retrain", "data": "none"})

    assert (page.status_code, "There is no dataset of that name" in page.text) == (422, True)
    assert admin.post("/training", data={"csrf": csrf}).status_code == 422


def test_the_page_starts_a_job_shows_it_live_and_cancels_it(admin: TestClient, jobs: TrainingJobs) -> None:
    csrf = admin.headers["X-CSRF-Token"]
    started = admin.post("/training", data={"csrf": csrf, "kind": "retrain", "data": "history", "encoder": "none"})
    assert started.status_code == 303
    at = started.headers["location"]

    live = admin.get(at).text
    assert 'http-equiv="refresh"' in live
    assert admin.post(f"{at}/cancel", data={"csrf": csrf}).status_code == 303

    over = admin.get(at).text
    assert "Cancelled" in over
    assert 'http-equiv="refresh"' not in over
    assert at in admin.get("/training").text


def test_suspects_are_settled_one_by_one_and_shown_as_text(admin: TestClient, jobs: TrainingJobs, house: House) -> None:
    csrf = admin.headers["X-CSRF-Token"]
    job = jobs.ask(TrainingWish("retrain", "history"), by="Ada")
    at = f"/training/{job.id}"
    assert admin.get(f"{at}/suspects").status_code == 404
    jobs.run(job.id)
    path = Path(jobs.folder / job.id / SUSPECTS)
    path.write_text(LIST)

    page = admin.get(f"{at}/suspects").text
    assert "where is &lt;b&gt;parcel 2" in page
    for right in ("Delivery", ""):
        row = admin.get(f"{at}/suspects").text.partition('name="at" value="')[2][0]
        assert admin.post(f"{at}/suspects", data={"csrf": csrf, "at": row, "right": right}).status_code == 303

    assert "All are looked at" in admin.get(f"{at}/suspects").text
    assert f"Delivery,{house.people['admin'].id}" in path.read_text()
    assert admin.post(f"{at}/suspects", data={"csrf": csrf, "at": "9", "right": "x"}).status_code == 422


def test_a_job_rings_the_worker_of_training(admin: TestClient, house: House) -> None:
    admin.post("/v1/training/jobs", json={"kind": "rollback"})

    assert TRAIN in {job for job, _ in house.journey.queue.rung}  # type: ignore[attr-defined]
