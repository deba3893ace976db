"""Ledger, disk or archive are away, keepers crowd, people change their mind."""

from __future__ import annotations

import threading
import time

from chaos.processes import wait_until
from chaos.scene import Scene
from chaos.service import PREFIX
from posebatch_shared.queue import Doorbell, create_celery
from posebatch_workers.keeper import Keeper


def ledger_restarts(scene: Scene) -> None:
    """Shot in the middle of commits, or locked, and back at once."""
    scene.service.wait_for_a_running_job(scene.run)
    scene.ledger.outage(0.5)


def ledger_away(scene: Scene) -> None:
    """For longer than leases last and statements wait."""
    scene.service.wait_for_a_running_job(scene.run)
    scene.ledger.outage(20)


def disk_full(scene: Scene) -> None:
    """No artifact can be written for some seconds."""
    scene.service.switch("disk-full", True)
    time.sleep(1.5)
    scene.service.switch("disk-full", False)


def archive_away(scene: Scene) -> None:
    """The folder of the clips is gone for some seconds, like a share that drops."""
    away = scene.service.clips.with_name("away")
    scene.service.clips.rename(away)
    time.sleep(3)
    away.rename(scene.service.clips)


def many_keepers(scene: Scene) -> None:
    """Three more beside those of the workers, in a hurry."""
    app = create_celery(scene.service.redis.url, key_prefix=PREFIX)
    bell = Doorbell(app, broker_url=scene.service.redis.url, key_prefix=PREFIX)
    service = scene.service
    keepers = [Keeper(service.store, bell, lease_seconds=service.lease_seconds) for _ in "abc"]

    def hurry(keeper: Keeper) -> None:
        for _ in range(40):
            keeper.tick()

    threads = [threading.Thread(target=hurry, args=(keeper,)) for keeper in keepers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    bell.close()


def pause_and_resume(scene: Scene) -> None:
    """A person changes their mind."""
    with scene.service.store.unit_of_work() as uow:
        uow.runs.pause(scene.run.run_id)
        uow.commit()
    wait_until(lambda: not scene.service.running(), 60)
    with scene.service.store.unit_of_work() as uow:
        uow.runs.resume(scene.run.run_id)
        uow.commit()
