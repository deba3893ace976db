"""Workers and their children are killed, frozen, stopped and slow."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress

import psutil

from chaos.faults_in_messages import ring_for_everything
from chaos.processes import kill_tree
from chaos.scene import Scene
from posebatch_workers.owner import Owner


def kill_child(scene: Scene) -> None:
    """The process that tracks, in the middle of a clip."""
    _signal_an_owner(scene, signal.SIGKILL)


def kill_worker(scene: Scene) -> None:
    """A worker with all its processes, as by a power cut."""
    scene.service.wait_for_a_running_job(scene.run)
    kill_tree(scene.service.pid(0))


def kill_main_process_only(scene: Scene) -> None:
    """The out-of-memory killer's choice."""
    scene.service.wait_for_a_running_job(scene.run)
    scene.service.signal(1, signal.SIGKILL)


def freeze_child(scene: Scene) -> None:
    """For twice the lease, then it wakes and writes, late."""
    pid = _signal_an_owner(scene, signal.SIGSTOP)
    time.sleep(2 * scene.service.lease_seconds)
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGCONT)


def freeze_worker(scene: Scene) -> None:
    """A whole worker for twice the lease."""
    main = psutil.Process(scene.service.pid(0))
    family = [*main.children(recursive=True), main]
    for process in family:
        process.suspend()
    time.sleep(2 * scene.service.lease_seconds)
    for process in family:
        with suppress(psutil.NoSuchProcess):
            process.resume()


def freeze_and_kill_while_waiting(scene: Scene) -> None:
    """A message may be in the socket of a process that never reads it."""
    scene.service.signal(1, signal.SIGSTOP)
    ring_for_everything(scene)
    time.sleep(0.5)
    kill_tree(scene.service.pid(1))


def terminate(scene: Scene) -> None:
    """An orderly stop, as by systemd."""
    scene.service.wait_for_a_running_job(scene.run)
    scene.service.signal(0, signal.SIGTERM)


def quit_cold(scene: Scene) -> None:
    """A cold shutdown."""
    scene.service.wait_for_a_running_job(scene.run)
    scene.service.signal(1, signal.SIGQUIT)


def interrupt(scene: Scene) -> None:
    """Ctrl-C."""
    scene.service.signal(0, signal.SIGINT)


def kill_child_whose_tracker_loads_slowly(scene: Scene) -> None:
    """Its replacement needs eight seconds before it can take a message."""
    scene.service.switch("slow-load", True)
    _signal_an_owner(scene, signal.SIGKILL)
    time.sleep(3)
    scene.service.switch("slow-load", False)


def wrong_clock(scene: Scene) -> None:
    """A worker whose clock is two hours ahead."""
    scene.service.wrong_clock = 1
    kill_tree(scene.service.pid(1))


def _signal_an_owner(scene: Scene, name: signal.Signals) -> int:
    job = scene.service.wait_for_a_running_job(scene.run)
    owner = Owner.parse(job.owner or "") if job else None
    pid = owner.pid if owner else scene.service.child_of(0)
    with suppress(ProcessLookupError):
        os.kill(pid, name)
    return pid
