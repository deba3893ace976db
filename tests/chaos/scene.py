"""Where a fault happens."""

from __future__ import annotations

from dataclasses import dataclass

from chaos.ledgers_down import Ledger
from chaos.service import Service
from posebatch_shared.jobs import Run


@dataclass(frozen=True, slots=True)
class Scene:
    """A service in the middle of a run."""

    service: Service
    ledger: Ledger
    run: Run
