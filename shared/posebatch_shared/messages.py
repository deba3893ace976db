"""What travels on the queue: a job's id and nothing else of value."""

from __future__ import annotations

from dataclasses import dataclass

TRACK_VIDEO = "posebatch.track_video"  #: the Celery task, by name, so that no one imports it


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackVideo:
    """Wake-up: this job may want a worker. Lost, late or doubled, it does no harm."""

    job_id: int
    queue: str
