"""What is measured, under which names and in which units: one list for workers, exporter, pages."""

from __future__ import annotations

#: Prefix of every metric.
NAMESPACE = "posebatch"

#: Upper bounds for stages and waits: a resize takes milliseconds, an overnight queue hours.
DURATION_BUCKETS_SECONDS = (
    *(0.01, 0.025, 0.05, 0.1, 0.25, 0.5),
    *(1.0, 2.5, 5.0, 10.0, 30.0),
    *(60.0, 300.0, 900.0, 3600.0, 14400.0),
)

#: Stage under which a job's wait for a worker is booked.
QUEUE_WAIT_STAGE = "queue_wait"

#: A worker counts as alive this long after its last report.
ALIVE_SECONDS = 30.0
