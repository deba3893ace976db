"""What goes wrong in the field, as functions of a running service."""

from __future__ import annotations

import base64
import json
import os
import pickle
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import MappingProxyType

import psutil
from redis.exceptions import RedisError

from chaos.ledgers_down import Ledger
from chaos.service import LEASE_SECONDS, PREFIX, Service, kill_tree, wait_until
from posebatch_shared.errors import BrokerUnavailable
from posebatch_shared.jobs import Run
from posebatch_shared.messages import TRACK_VIDEO, TrackVideo
from posebatch_shared.queue import Doorbell, celery_url, create_celery
from posebatch_workers.keeper import Keeper
from posebatch_workers.owner import Owner

QUEUE = "cpu"


class Injector:
    """The faults; each returns when its cause is over, its effects need not be."""

    def __init__(self, service: Service, ledger: Ledger, run: Run) -> None:
        self._service = service
        self._ledger = ledger
        self._run = run

    # --- processes --------------------------------------------------------------------------

    def kill_child(self) -> None:
        """The process that tracks, in the middle of a clip."""
        self._signal_an_owner(signal.SIGKILL)

    def kill_worker(self) -> None:
        """A worker with all its processes, as by a power cut."""
        self._service.wait_for_a_running_job(self._run)
        kill_tree(self._service.workers[0].pid)

    def kill_main_process_only(self) -> None:
        """The out-of-memory killer's choice."""
        self._service.wait_for_a_running_job(self._run)
        self._service.signal(1, signal.SIGKILL)

    def freeze_child(self) -> None:
        """For twice the lease, then it wakes and writes, late."""
        pid = self._signal_an_owner(signal.SIGSTOP)
        time.sleep(2 * LEASE_SECONDS)
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)

    def freeze_worker(self) -> None:
        """A whole worker for twice the lease."""
        main = psutil.Process(self._service.workers[0].pid)
        family = [*main.children(recursive=True), main]
        for process in family:
            process.suspend()
        time.sleep(2 * LEASE_SECONDS)
        for process in family:
            with suppress(psutil.NoSuchProcess):
                process.resume()

    def freeze_and_kill_while_waiting(self) -> None:
        """A message may be in the socket of a process that never reads it."""
        self._service.signal(1, signal.SIGSTOP)
        self._ring_for_everything()
        time.sleep(0.5)
        kill_tree(self._service.workers[1].pid)

    def terminate(self) -> None:
        """An orderly stop, as by systemd."""
        self._service.wait_for_a_running_job(self._run)
        self._service.signal(0, signal.SIGTERM)

    def quit(self) -> None:
        """A cold shutdown."""
        self._service.wait_for_a_running_job(self._run)
        self._service.signal(1, signal.SIGQUIT)

    def interrupt(self) -> None:
        """Ctrl-C."""
        self._service.signal(0, signal.SIGINT)

    def kill_child_whose_tracker_loads_slowly(self) -> None:
        """Its replacement needs eight seconds before it can take a message."""
        self._service.switch("slow-load", True)
        self._signal_an_owner(signal.SIGKILL)
        time.sleep(3)
        self._service.switch("slow-load", False)

    def wrong_clock(self) -> None:
        """A worker whose clock is two hours ahead."""
        self._service.wrong_clock = 1
        kill_tree(self._service.workers[1].pid)

    def _signal_an_owner(self, name: signal.Signals) -> int:
        job = self._service.wait_for_a_running_job(self._run)
        owner = Owner.parse(job.owner or "") if job else None
        pid = owner.pid if owner else self._service.child_of(0)
        with suppress(ProcessLookupError):
            os.kill(pid, name)
        return pid

    # --- broker -----------------------------------------------------------------------------

    def kill_redis(self) -> None:
        """Back after three seconds with its file."""
        self._service.redis.kill()
        time.sleep(3)
        self._service.redis.start()

    def kill_redis_and_lose_its_file(self) -> None:
        """Back empty."""
        self._service.redis.kill()
        self._service.redis.forget()
        time.sleep(1)
        self._service.redis.start()

    def flush_all(self) -> None:
        """Every message gone."""
        self._service.redis.client().flushall()

    def drop_connections(self) -> None:
        """A storm of CLIENT KILL."""
        client = self._service.redis.client()
        for _ in range(10):
            with suppress(RedisError):
                for kind in ("normal", "pubsub"):
                    client.execute_command("CLIENT", "KILL", "TYPE", kind, "SKIPME", "yes")
            time.sleep(0.2)

    def redis_out_of_memory(self) -> None:
        """At maxmemory without eviction: every write is refused."""
        self._configure("maxmemory", "1mb", "0")

    def redis_read_only(self) -> None:
        """It misses replicas that it was told to have."""
        self._configure("min-replicas-to-write", "1", "0")

    def _configure(self, name: str, bad: str, good: str) -> None:
        self._service.redis.client().config_set(name, bad)
        time.sleep(3)
        self._service.redis.client().config_set(name, good)

    def rogue_inspect(self) -> None:
        """A side-car with Celery's default settings on our broker."""
        url = celery_url(self._service.redis.url)
        for options in ({}, {"global_keyprefix": PREFIX}):
            script = (
                "from celery import Celery\n"
                f"app = Celery(broker={url!r})\n"
                f"app.conf.broker_transport_options = {options!r}\n"
                "app.control.inspect(timeout=0.5).ping()\n"
            )
            subprocess.run(
                [sys.executable, "-c", script], check=False, capture_output=True, timeout=60
            )

    # --- messages ---------------------------------------------------------------------------

    def duplicate_messages(self) -> None:
        """Ten more wake-ups for every job, ended ones included."""
        for _ in range(10):
            self._ring_for_everything()

    def malformed_messages(self) -> None:
        """Pickle, an unknown task, ten megabytes, a job that never was, and no message at all."""
        app = create_celery(self._service.redis.url, key_prefix=PREFIX)
        app.send_task("posebatch.no_such_task", queue=QUEUE)
        app.send_task(TRACK_VIDEO, args=(10**9,), queue=QUEUE)
        app.send_task(TRACK_VIDEO, args=("x" * 10_000_000,), queue=QUEUE)
        app.send_task(TRACK_VIDEO, args=(), queue=QUEUE)
        app.close()
        for body, kind in (
            (pickle.dumps(([1], {}, {})), "application/x-python-serialize"),
            (b"{not json", "application/json"),
        ):
            self._service.redis.client().lpush(f"{PREFIX}{QUEUE}", _envelope(body, kind))

    def _ring_for_everything(self) -> None:
        app = create_celery(self._service.redis.url, key_prefix=PREFIX)
        bell = Doorbell(app, broker_url=self._service.redis.url, key_prefix=PREFIX)
        jobs = random.sample(list(self._service.jobs(self._run)), k=20)
        with suppress(BrokerUnavailable):
            bell.ring(TrackVideo(job_id=job.job_id, queue=QUEUE) for job in jobs)
        bell.close()

    # --- ledger, disk, people ---------------------------------------------------------------

    def ledger_restarts(self) -> None:
        """Shot in the middle of commits, or locked, and back at once."""
        self._service.wait_for_a_running_job(self._run)
        self._ledger.outage(0.5)

    def ledger_away(self) -> None:
        """For longer than leases last and statements wait."""
        self._service.wait_for_a_running_job(self._run)
        self._ledger.outage(20)

    def disk_full(self) -> None:
        """No artifact can be written for some seconds."""
        self._service.switch("disk-full", True)
        time.sleep(1.5)
        self._service.switch("disk-full", False)

    def many_keepers(self) -> None:
        """Three more beside those of the workers, in a hurry."""
        app = create_celery(self._service.redis.url, key_prefix=PREFIX)
        bell = Doorbell(app, broker_url=self._service.redis.url, key_prefix=PREFIX)
        keepers = [Keeper(self._service.store, bell, lease_seconds=LEASE_SECONDS) for _ in "abc"]

        def hurry(keeper: Keeper) -> None:
            for _ in range(40):
                keeper.tick()

        threads = [threading.Thread(target=hurry, args=(keeper,)) for keeper in keepers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        bell.close()

    def pause_and_resume(self) -> None:
        """A person changes their mind."""
        with self._service.store.unit_of_work() as uow:
            uow.runs.pause(self._run.run_id)
            uow.commit()
        wait_until(lambda: not self._service.running(), 60)
        with self._service.store.unit_of_work() as uow:
            uow.runs.resume(self._run.run_id)
            uow.commit()


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


#: What happens to every service sooner or later; the first ones make up the short form.
FAULTS: Mapping[str, Callable[[Injector], None]] = MappingProxyType(
    {
        fault.__name__: fault
        for fault in (
            Injector.kill_child,
            Injector.freeze_child,
            Injector.flush_all,
            Injector.malformed_messages,
            Injector.ledger_restarts,
            Injector.kill_worker,
            Injector.terminate,
            Injector.quit,
            Injector.interrupt,
            Injector.kill_main_process_only,
            Injector.freeze_worker,
            Injector.freeze_and_kill_while_waiting,
            Injector.kill_child_whose_tracker_loads_slowly,
            Injector.kill_redis,
            Injector.kill_redis_and_lose_its_file,
            Injector.drop_connections,
            Injector.redis_out_of_memory,
            Injector.redis_read_only,
            Injector.rogue_inspect,
            Injector.duplicate_messages,
            Injector.ledger_away,
            Injector.disk_full,
            Injector.many_keepers,
            Injector.pause_and_resume,
            Injector.wrong_clock,
        )
    }
)

SHORT = 6
