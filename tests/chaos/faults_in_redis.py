"""The broker dies, forgets, and refuses."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import suppress

from redis.exceptions import RedisError

from chaos.scene import Scene
from chaos.service import PREFIX
from posebatch_shared.queue import celery_url


def kill_redis(scene: Scene) -> None:
    """Back after three seconds with its file."""
    scene.service.redis.kill()
    time.sleep(3)
    scene.service.redis.start()


def kill_redis_and_lose_its_file(scene: Scene) -> None:
    """Back empty."""
    scene.service.redis.kill()
    scene.service.redis.forget()
    time.sleep(1)
    scene.service.redis.start()


def flush_all(scene: Scene) -> None:
    """Every message gone."""
    scene.service.redis.client().flushall()


def drop_connections(scene: Scene) -> None:
    """A storm of CLIENT KILL."""
    client = scene.service.redis.client()
    for _ in range(10):
        with suppress(RedisError):
            for kind in ("normal", "pubsub"):
                client.execute_command("CLIENT", "KILL", "TYPE", kind, "SKIPME", "yes")
        time.sleep(0.2)


def redis_out_of_memory(scene: Scene) -> None:
    """At maxmemory without eviction: every write is refused."""
    _configure(scene, "maxmemory", "1mb", "0")


def redis_read_only(scene: Scene) -> None:
    """It misses replicas that it was told to have."""
    _configure(scene, "min-replicas-to-write", "1", "0")


def _configure(scene: Scene, name: str, bad: str, good: str) -> None:
    scene.service.redis.client().config_set(name, bad)
    time.sleep(3)
    scene.service.redis.client().config_set(name, good)


def rogue_inspect(scene: Scene) -> None:
    """A side-car with Celery's default settings on our broker."""
    url = celery_url(scene.service.redis.url)
    for options in ({}, {"global_keyprefix": PREFIX}):
        script = (
            "from celery import Celery\n"
            f"app = Celery(broker={url!r})\n"
            f"app.conf.broker_transport_options = {options!r}\n"
            "app.control.inspect(timeout=0.5).ping()\n"
        )
        subprocess.run([sys.executable, "-c", script], check=False, capture_output=True, timeout=60)
