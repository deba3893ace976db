"""The doorbell: a Celery app on Redis that carries job ids and may lose them without harm."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from celery import Celery
from kombu import Exchange, Queue
from kombu.exceptions import OperationalError
from redis import Redis
from redis.exceptions import RedisError

from posebatch_shared.errors import BrokerUnavailable
from posebatch_shared.jobs import Device
from posebatch_shared.messages import TRACK_VIDEO, TrackVideo

QUEUES: tuple[Device, ...] = ("gpu", "cpu", "any")

#: Which queues a worker of each tag listens to.
QUEUES_OF: dict[Device, tuple[Device, ...]] = {"gpu": ("gpu", "any"), "cpu": ("cpu", "any")}

#: One value in every process that talks to the broker: the shortest wins, and requeues the rest.
VISIBILITY_TIMEOUT_SECONDS = 86_400


#: The ledger holds the truth, so a message is acknowledged before work and its loss is a delay.
_RELIABILITY: dict[str, Any] = {
    "task_acks_late": False,
    "worker_disable_prefetch": True,
    "worker_prefetch_multiplier": 1,
    "task_ignore_result": True,
    "task_serializer": "json",
    "accept_content": ["json"],
    "worker_pool": "prefork",
    "worker_proc_alive_timeout": 120,  # a replaced child needs time to load its tracker
    "worker_hijack_root_logger": False,
    "worker_redirect_stdouts": False,
    "worker_send_task_events": True,
    "task_send_sent_event": True,
    "broker_connection_retry_on_startup": True,
    "broker_connection_max_retries": None,
}


def create_celery(broker_url: str, *, key_prefix: str) -> Celery:
    """The app that workers, Flower and whoever enqueues share. Does not connect."""
    app = Celery("posebatch", broker=celery_url(broker_url))
    app.conf.update(
        **_RELIABILITY,
        task_queues=[Queue(name, Exchange(name), routing_key=name) for name in QUEUES],
        task_default_queue="any",
        broker_transport_options=_transport(key_prefix),
    )
    return app


def celery_url(broker_url: str) -> str:
    """kombu's spelling of a unix socket's address (`redis+socket://`)."""
    return broker_url.replace("unix://", "redis+socket://", 1)


def redis_url(broker_url: str) -> str:
    """redis-py's spelling of a unix socket's address (`unix://`)."""
    return broker_url.replace("redis+socket://", "unix://", 1)


def _transport(key_prefix: str) -> dict[str, Any]:
    return {
        "visibility_timeout": VISIBILITY_TIMEOUT_SECONDS,
        "global_keyprefix": key_prefix,
        "polling_interval": 0.2,  # how long Redis holds a worker's question, and a stop that waits
        "socket_timeout": 30,
        "socket_connect_timeout": 5,
        "socket_keepalive": True,
        "health_check_interval": 25,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
    }


class Doorbell:
    """Rings for jobs and counts what still rings. Errors: BrokerUnavailable."""

    def __init__(self, app: Celery, *, broker_url: str, key_prefix: str) -> None:
        self._app = app
        self._prefix = key_prefix
        self._redis = Redis.from_url(redis_url(broker_url), socket_timeout=5)

    def ring(self, messages: Iterable[TrackVideo]) -> int:
        """Publish one wake-up per message over one connection; returns how many."""
        rung = 0
        try:
            with self._app.producer_pool.acquire(block=True) as producer:
                for message in messages:
                    self._app.send_task(
                        TRACK_VIDEO,
                        args=(message.job_id,),
                        queue=message.queue,
                        producer=producer,
                        retry=False,
                    )
                    rung += 1
        except (OperationalError, RedisError, OSError) as error:
            raise BrokerUnavailable(f"cannot enqueue: {error}") from error
        return rung

    def depth(self, queue: str) -> int:
        """Wake-ups that no worker has taken yet."""
        try:
            return int(self._redis.llen(f"{self._prefix}{queue}"))
        except RedisError as error:
            raise BrokerUnavailable(f"cannot read the queue: {error}") from error

    def close(self) -> None:
        """Drop the connections."""
        self._redis.close()
        self._app.close()
