"""How the ledger's numbers are served to Prometheus."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Annotated

import typer
from prometheus_client import CollectorRegistry, start_http_server

from posebatch_ops.exporter_counters import LedgerCounters
from posebatch_ops.exporter_gauges import SnapshotCollector
from posebatch_ops.exporter_reader import LedgerReader
from posebatch_shared.logs import configure_logging, logger
from posebatch_shared.queue import Doorbell, create_celery
from posebatch_shared.settings import Settings, load_settings
from posebatch_shared.store.measurements import MeasuredLedger

DEFAULT_PORT = 9469

log = logger(__name__)


def exporter(
    *,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = DEFAULT_PORT,
    every: Annotated[
        float, typer.Option(min=0.1, help="Seconds between two looks at the ledger, at least.")
    ] = 5.0,
) -> None:
    """Serve /metrics for the ledger at POSEBATCH_STORE_URL."""
    configure_logging()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    registry = CollectorRegistry()
    with open_reader(load_settings(), registry) as reader:
        server, thread = start_http_server(port, host, registry)
        log.info("exporter_started", address=f"http://{host}:{server.server_port}/metrics")
        reader.run(stop, every_seconds=every)
        server.shutdown()
        thread.join()


@contextmanager
def open_reader(settings: Settings, registry: CollectorRegistry) -> Iterator[LedgerReader]:
    """A reader whose metrics are in `registry`; without POSEBATCH_BROKER_URL it skips Redis."""
    gauges = SnapshotCollector()
    registry.register(gauges)
    counters = LedgerCounters(registry)
    with ExitStack() as stack:
        ledger = MeasuredLedger(settings.resolved_store_url)
        stack.callback(ledger.close)
        doorbell = _doorbell(settings)
        if doorbell is not None:
            stack.callback(doorbell.close)
        yield LedgerReader(ledger, doorbell, counters=counters, gauges=gauges)


def _doorbell(settings: Settings) -> Doorbell | None:
    if not settings.broker_url:
        return None
    app = create_celery(settings.broker_url, key_prefix=settings.key_prefix)
    return Doorbell(app, broker_url=settings.broker_url, key_prefix=settings.key_prefix)
