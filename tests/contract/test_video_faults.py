"""A decoding process that dies, hangs, lies or outlives its use costs one clip and nothing else."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from contract.video_patterns import Pattern, read, regular, write
from contract.video_readers import frames
from posebatch_shared.errors import (
    DecoderCrashed,
    DecoderTimeout,
    TooManyDecodeErrors,
    TransientError,
    VideoTooLarge,
)
from posebatch_workers.video.options import ProcessLimits, ReadOptions
from posebatch_workers.video.sandbox import DecoderProcess

COUNT = 60
linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("faults") / "clip.mp4"
    return write(path, Pattern(times=regular(COUNT, 30)))


@pytest.fixture
def decoder() -> Iterator[DecoderProcess]:
    process = DecoderProcess(ProcessLimits(frame_timeout_seconds=1.0))
    yield process
    process.close()


def numbers(decoder: DecoderProcess, clip: Path, options: ReadOptions | None = None) -> list[int]:
    with decoder.open(clip, options or ReadOptions(batch_frames=4)) as video:
        return [read(frame.pixels)[0] for frame in frames(video)]


@pytest.mark.parametrize(
    ("blow", "error"), [(signal.SIGKILL, DecoderCrashed), (signal.SIGSTOP, DecoderTimeout)]
)
def test_killed_or_hung_in_the_middle(
    blow: signal.Signals, error: type[TransientError], decoder: DecoderProcess, clip: Path
) -> None:
    numbers(decoder, clip)
    first_pid = decoder.pid
    with (
        pytest.raises(error),
        decoder.open(clip, ReadOptions(batch_frames=4)) as video,
    ):
        batches = video.batches()
        next(batches)
        os.kill(first_pid, blow)
        list(batches)
    assert not psutil.pid_exists(first_pid)
    assert numbers(decoder, clip) == list(range(COUNT))
    assert decoder.pid != first_pid


def test_killed_between_two_clips(decoder: DecoderProcess, clip: Path) -> None:
    numbers(decoder, clip)
    for _ in range(3):
        os.kill(decoder.pid, signal.SIGKILL)
        psutil.wait_procs([psutil.Process(decoder.pid)], timeout=1)
        assert numbers(decoder, clip) == list(range(COUNT))


def test_one_process_reads_many_clips(decoder: DecoderProcess, clip: Path) -> None:
    pids = set()
    for _ in range(5):
        assert numbers(decoder, clip) == list(range(COUNT))
        pids.add(decoder.pid)
    assert len(pids) == 1


def test_leaving_a_clip_early(decoder: DecoderProcess, clip: Path) -> None:
    for taken in range(4):
        with decoder.open(clip, ReadOptions(batch_frames=4)) as video:
            for _, _ in zip(range(taken), video.batches(), strict=False):
                pass
    assert numbers(decoder, clip) == list(range(COUNT))


def test_a_slow_consumer_of_a_small_ring_sees_every_frame(clip: Path) -> None:
    decoder = DecoderProcess(ProcessLimits(ring_bytes=1))
    got = []
    with decoder.open(clip, ReadOptions(batch_frames=16)) as video:
        for batch in video.batches():
            assert len(batch) == 1
            time.sleep(0.002)
            got += [read(frame.pixels)[0] for frame in batch]
    decoder.close()
    assert got == list(range(COUNT))


def test_frames_are_shared_memory_that_cannot_be_written(
    decoder: DecoderProcess, clip: Path
) -> None:
    with decoder.open(clip, ReadOptions()) as video:
        pixels = next(video.batches())[0].pixels
        assert not pixels.flags.writeable
        assert not pixels.flags.owndata


def test_more_memory_than_allowed_costs_only_the_clip(tmp_path: Path, clip: Path) -> None:
    path = write(tmp_path / "big.mp4", Pattern(times=regular(4, 30), width=4096, height=4096))
    decoder = DecoderProcess(ProcessLimits(memory_bytes=448 << 20))
    with pytest.raises((VideoTooLarge, TooManyDecodeErrors, DecoderCrashed)):
        numbers(decoder, path, ReadOptions(max_side=64))
    assert numbers(decoder, clip) == list(range(COUNT))
    decoder.close()


@linux
def test_beside_a_device_written_memory_is_bounded_instead_of_addresses(clip: Path) -> None:
    decoder = DecoderProcess(ProcessLimits(device=True))
    assert numbers(decoder, clip, ReadOptions(hardware="auto")) == list(range(COUNT))
    limits = Path(f"/proc/{decoder.pid}/limits").read_text().splitlines()
    decoder.close()
    soft = {line[:26].strip(): line[26:].split()[0] for line in limits}
    assert soft["Max data size"] == str(4096 << 20)
    assert soft["Max address space"] == "unlimited"


@linux
def test_the_process_has_limits_and_no_secrets(
    decoder: DecoderProcess, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POSEBATCH_STORE_URL", "postgresql://user:secret@host/db")
    numbers(decoder, clip)
    process = Path(f"/proc/{decoder.pid}")
    limits = process.joinpath("limits").read_text()
    for name in ("Max cpu time", "Max address space", "Max open files", "Max file size"):
        line = next(line for line in limits.splitlines() if line.startswith(name))
        assert line[26:].split()[0] != "unlimited", line
    assert b"secret" not in process.joinpath("environ").read_bytes()
    assert "NoNewPrivs:\t1" in process.joinpath("status").read_text()
    targets = {str(link.readlink()) for link in process.joinpath("fd").iterdir()}
    assert not any(str(clip) in target for target in targets)  # handed back after the clip


@linux
def test_the_process_never_outlives_its_owner(clip: Path) -> None:
    program = (
        "import os, signal, sys; from pathlib import Path\n"
        "from posebatch_workers.video.sandbox import DecoderProcess\n"
        "from posebatch_workers.video.options import ReadOptions\n"
        "d = DecoderProcess()\n"
        f"with d.open(Path({str(clip)!r}), ReadOptions()) as video:\n"
        "    print(d.pid, d._spare.pid, flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL
    pids = [int(pid) for pid in done.stdout.split()]
    assert len(pids) == 2
    deadline = time.monotonic() + 10
    while any(_runs(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not any(_runs(pid) for pid in pids)


@linux
def test_closing_ends_the_process_and_its_spare_and_gives_the_memory_back(clip: Path) -> None:
    held = len(list(Path("/proc/self/fd").iterdir()))
    decoder = DecoderProcess()
    numbers(decoder, clip)
    pids = [decoder.pid, decoder._spare.pid]
    os.kill(decoder.pid, signal.SIGSTOP)  # even if it hangs
    decoder.close()
    psutil.wait_procs([psutil.Process(pid) for pid in pids if _runs(pid)], timeout=10)
    assert not any(_runs(pid) for pid in pids)
    assert decoder.pid is None
    assert len(list(Path("/proc/self/fd").iterdir())) == held


def _runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _read_in_a_daemon(clip: Path, decoder: DecoderProcess, results: object) -> None:
    try:
        results.put(numbers(decoder, clip))
    finally:
        decoder.close()


def test_a_forked_daemonic_process_gets_its_own(decoder: DecoderProcess, clip: Path) -> None:
    """The way of a prefork pool: daemonic, and forked after the parent has used its own."""
    numbers(decoder, clip)
    before = decoder.pid
    context = multiprocessing.get_context("fork")
    results = context.Queue()
    worker = context.Process(target=_read_in_a_daemon, args=(clip, decoder, results), daemon=True)
    worker.start()
    assert results.get(timeout=60) == list(range(COUNT))
    worker.join()
    assert numbers(decoder, clip) == list(range(COUNT))
    assert decoder.pid == before
