"""Wake-ups come twice, come late, or are none."""

from __future__ import annotations

import base64
import json
import pickle
import random
from contextlib import suppress

from chaos.scene import Scene
from chaos.service import PREFIX
from posebatch_shared.errors import BrokerUnavailable
from posebatch_shared.messages import TRACK_VIDEO, TrackVideo
from posebatch_shared.queue import Doorbell, create_celery

QUEUE = "cpu"


def duplicate_messages(scene: Scene) -> None:
    """Ten more wake-ups for every job, ended ones included."""
    for _ in range(10):
        ring_for_everything(scene)


def malformed_messages(scene: Scene) -> None:
    """Pickle, an unknown task, ten megabytes, a job that never was, and no message at all."""
    app = create_celery(scene.service.redis.url, key_prefix=PREFIX)
    app.send_task("posebatch.no_such_task", queue=QUEUE)
    app.send_task(TRACK_VIDEO, args=(10**9,), queue=QUEUE)
    app.send_task(TRACK_VIDEO, args=("x" * 10_000_000,), queue=QUEUE)
    app.send_task(TRACK_VIDEO, args=(), queue=QUEUE)
    app.close()
    for body, kind in (
        (pickle.dumps(([1], {}, {})), "application/x-python-serialize"),
        (b"{not json", "application/json"),
    ):
        scene.service.redis.client().lpush(f"{PREFIX}{QUEUE}", _envelope(body, kind))


def ring_for_everything(scene: Scene) -> None:
    app = create_celery(scene.service.redis.url, key_prefix=PREFIX)
    bell = Doorbell(app, broker_url=scene.service.redis.url, key_prefix=PREFIX)
    jobs = random.sample(list(scene.service.jobs(scene.run)), k=20)
    with suppress(BrokerUnavailable):
        bell.ring(TrackVideo(job_id=job.job_id, queue=QUEUE) for job in jobs)
    bell.close()


def _envelope(body: bytes, content_type: str) -> bytes:
    """A message as kombu lays it into a Redis list."""
    delivery = {"exchange": QUEUE, "routing_key": QUEUE}
    return json.dumps(
        {
            "body": base64.b64encode(body).decode(),
            "content-encoding": "binary",
            "content-type": content_type,
            "headers": {"task": TRACK_VIDEO, "id": "forged", "lang": "py"},
            "properties": {
                "body_encoding": "base64",
                "delivery_info": delivery,
                "delivery_tag": "forged",
                "priority": 0,
            },
        }
    ).encode()
