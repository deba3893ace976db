"""Trackers turn frames into poses: one file per tracker, one factory."""

from __future__ import annotations

from posebatch_workers.trackers.base import Tracker, TrackerRequest
from posebatch_workers.trackers.factory import TRACKERS, create_tracker

__all__ = ["TRACKERS", "Tracker", "TrackerRequest", "create_tracker"]
