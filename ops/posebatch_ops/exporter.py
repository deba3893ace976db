"""How the ledger's numbers are served to Prometheus."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from prometheus_client import CollectorRegistry, disable_created_metrics, start_http_server

from posebatch_ops.exporter_counters import LedgerCounters
from posebatch_ops.exporter_gauges import SnapshotCollector
from posebatch_ops.exporter_reader import LedgerReader
from posebatch_ops.listening import listening
from posebatch_shared.logs import configure_logging, logger
from posebatch_shared.queue import Doorbell, create_celery
from posebatch_shared.settings import Settings
from posebatch_shared.store.measurements import MeasuredLedger

log = logger(__name__)


def serve(settings: Settings, *, host: str, port: int, every_seconds: float) -> None:
    """Serve /metrics for the settings' ledger until SIGTERM or Ctrl-C."""
    configure_logging()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    # Times of creation would double the number of series.
    disable_created_metrics()  # type: ignore[no-untyped-call]
    registry = CollectorRegistry()
    with open_reader(settings, registry) as reader:
        with listening(host, port):
            server, thread = start_http_server(port, host, registry)
        log.info("exporter_started", address=f"http://{host}:{server.server_port}/metrics")
        reader.run(stop, every_seconds=every_seconds)
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
