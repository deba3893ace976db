"""An exporter's reader in the test's own process, and what Prometheus would see of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from posebatch_ops.exporter import open_reader
from posebatch_ops.exporter_reader import LedgerReader
from posebatch_shared.settings import Settings

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]

_AT_ONCE = {"every_seconds": 0.01}


@dataclass(frozen=True, slots=True, kw_only=True)
class Exporter:
    """A reader and what Prometheus would see of it."""

    reader: LedgerReader
    registry: CollectorRegistry

    def scrape(self) -> Samples:
        """After a fresh look."""
        self.reader.refresh()
        return self.served()

    def served(self) -> Samples:
        """What the last look left."""
        text = generate_latest(self.registry).decode()
        return {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }

    @contextmanager
    def running(self) -> Iterator[None]:
        """The reader looks by itself, without a pause if it can."""
        stop = threading.Event()
        looking = threading.Thread(target=self.reader.run, args=(stop,), kwargs=_AT_ONCE)
        looking.start()
        try:
            yield
        finally:
            stop.set()
            looking.join()

    def value(self, name: str, **labels: str) -> float | None:
        return self.scrape().get((f"posebatch_{name}", frozenset(labels.items())))


@contextmanager
def exporting(store_url: str, **settings: str) -> Iterator[Exporter]:
    registry = CollectorRegistry()
    with open_reader(Settings(store_url=store_url, **settings), registry) as reader:
        exporter = Exporter(reader=reader, registry=registry)
        exporter.scrape()
        yield exporter
