"""Does Flower show our workers and tasks to those with the password, and let nobody act?"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from celery import Celery
from celery.contrib.testing.worker import start_worker
from redis import Redis

from browsers import chromium
from flowers import STRANGER, Flower, start_flower
from posebatch_ops.flower import flower_options
from posebatch_producer.private_redis import private_redis
from posebatch_shared.messages import TRACK_VIDEO, TrackVideo
from posebatch_shared.queue import Doorbell, celery_url, create_celery
from posebatch_shared.settings import Settings
from servers import wait_until

PREFIX = "posebatch:"
WORKER = "cpu-1@here"


@pytest.fixture(scope="module")
def broker_url() -> Iterator[str]:
    with private_redis() as url:
        yield url


@pytest.fixture(scope="module")
def worked(broker_url: str) -> Iterator[None]:
    """A worker of our app named as ours are."""
    app = create_celery(broker_url, key_prefix=PREFIX)
    app.tasks.pop(TRACK_VIDEO, None)  # the real one, if this process has imported it

    @app.task(name=TRACK_VIDEO)
    def track_video(job_id: int) -> None:
        assert job_id

    with start_worker(
        app, hostname=WORKER, pool="solo", perform_ping_check=False, queues=["cpu", "any"]
    ):
        yield


@pytest.fixture(scope="module")
def flower(
    tmp_path_factory: pytest.TempPathFactory, broker_url: str, worked: None
) -> Iterator[Flower]:
    """Flower after it has seen the worker do job 12."""
    with ExitStack() as stack:
        folder = tmp_path_factory.mktemp("flower")
        flower = start_flower(stack, folder, broker_url, POSEBATCH_FLOWER_PASSWORD="se,cret")
        wait_until(lambda: WORKER in flower.read("/api/workers?refresh=1"))
        ring(broker_url, TrackVideo(job_id=12, queue="any"))
        wait_until(lambda: "SUCCESS" in str(flower.read("/api/tasks")))
        yield flower


def ring(broker_url: str, message: TrackVideo) -> None:
    app = create_celery(broker_url, key_prefix=PREFIX)
    doorbell = Doorbell(app, broker_url=broker_url, key_prefix=PREFIX)
    doorbell.ring([message])
    doorbell.close()


def test_strangers_are_refused(flower: Flower) -> None:
    for path in ("/", "/workers", "/tasks", "/api/workers", "/api/tasks"):
        assert flower.refusal(path, user=None) == 401
        assert flower.refusal(path, user=STRANGER) == 401


def test_our_workers_and_tasks_are_listed(flower: Flower) -> None:
    (task,) = flower.read("/api/tasks").values()
    assert task["name"] == TRACK_VIDEO
    assert task["worker"] == WORKER
    assert task["args"] == "(12,)"


@pytest.mark.browser
def test_a_browser_shows_them_without_complaint(flower: Flower) -> None:
    with chromium() as browser:
        page = browser.new_page(http_credentials={"username": "coach", "password": "se,cret"})
        complaints: list[str] = []
        page.on("console", lambda word: complaints.append(word.text) if word.type == "error" else 0)
        page.goto(f"{flower.url}/workers")
        page.get_by_text(WORKER).first.wait_for()
        page.goto(f"{flower.url}/tasks")
        page.get_by_text("http://127.0.0.1:8090/jobs/12").first.wait_for()
        assert page.get_by_text("SUCCESS").first.is_visible()
    assert complaints == []


def test_a_task_leads_to_its_job_in_the_dashboard(flower: Flower) -> None:
    (uuid,) = flower.read("/api/tasks")
    page = flower.ask(f"/task/{uuid}").decode()
    job = "http://127.0.0.1:8090/jobs/12"
    assert f'<a href="{job}">{job}</a>' in page


def test_whoever_has_the_password_still_only_looks(flower: Flower) -> None:
    assert flower.refusal(f"/api/worker/shutdown/{WORKER}", method="POST") == 403
    assert WORKER in flower.read("/api/workers?refresh=1")


def test_a_job_of_two_hours_is_left_alone(flower: Flower, broker_url: str) -> None:
    """A process with another visibility timeout would put it back on the queue at a glance."""
    redis = Redis.from_url(broker_url)
    taken_two_hours_ago(redis, broker_url)
    flower.read("/api/workers?refresh=1")
    assert redis.zcard(f"{PREFIX}unacked_index") == 1
    careless = Celery(broker=celery_url(broker_url))
    careless.conf.broker_transport_options = {"global_keyprefix": PREFIX}
    careless.control.inspect(timeout=0.5).ping()
    assert redis.zcard(f"{PREFIX}unacked_index") == 0
    redis.close()


def taken_two_hours_ago(redis: Redis, broker_url: str) -> None:
    """A message as kombu keeps it while a worker holds it."""
    ring(broker_url, TrackVideo(job_id=13, queue="gpu"))
    message = json.loads(redis.rpop(f"{PREFIX}gpu"))
    redis.hset(f"{PREFIX}unacked", "tag", json.dumps([message, "gpu", "gpu"]))
    redis.zadd(f"{PREFIX}unacked_index", {"tag": time.time() - 7200})


def test_without_a_password_one_is_made_up_and_printed(tmp_path: Path, broker_url: str) -> None:
    with ExitStack() as stack:
        flower = start_flower(stack, tmp_path, broker_url)
        said = flower.log.read_text()
        password = said.split("password ")[1].split()[0]
        user = base64.b64encode(f"coach:{password}".encode()).decode()
        assert len(password) >= 16
        assert flower.refusal("/api/workers", user=STRANGER) == 401
        assert flower.ask("/api/workers", user=user)


def test_control_is_given_only_when_asked_for() -> None:
    given = [
        flower_options(Settings(), password="x", host="127.0.0.1", port=1, allow_control=allowed)[
            "read_only"
        ]
        for allowed in (False, True)
    ]
    assert given == [True, False]
