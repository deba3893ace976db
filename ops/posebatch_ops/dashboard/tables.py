"""The tables that more than one page shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from markupsafe import Markup

from posebatch_ops.dashboard import markup as m
from posebatch_ops.dashboard import wording as w
from posebatch_ops.dashboard.markup import Column
from posebatch_shared.jobs import Job, JobState
from posebatch_shared.snapshot import RunProgress, Snapshot
from posebatch_shared.store.pages import JobLine

STATES = tuple(state.value for state in JobState)


def active_runs(now: Snapshot) -> Markup:
    """Runs that are not over, with their time left."""
    active = [progress for progress in now.runs if progress.state in ("running", "paused")]
    return runs(active, empty="No run is active. `posebatch submit PATH…` starts one.")


def runs(shown: Sequence[RunProgress], *, empty: str = "No runs yet.") -> Markup:
    """One line per run."""
    columns = (
        Column("Run"),
        Column("State"),
        Column("Progress"),
        Column("Ended", numeric=True),
        Column("Discarded", numeric=True),
        Column("Time left", tight=True),
        Column("Started", tight=True),
    )
    return m.table("Runs", columns, [_run_cells(progress) for progress in shown], empty=empty)


def _run_cells(progress: RunProgress) -> list[Any]:
    run = progress.run
    name = Markup("{} <span class='dim'>#{}</span>").format(run.name, run.run_id)
    left = w.time_left(progress.left) if progress.state == "running" else ""
    return [
        m.link(name, f"/runs/{run.run_id}"),
        m.badge(progress.state) + _below(", ".join(progress.troubles)),
        states_bar(progress.counts),
        f"{w.number(progress.ended)} of {w.number(progress.total)}",
        w.number(progress.counts.get(JobState.DISCARDED, 0)),
        Markup('<span title="{}">{}</span>').format(
            w.time_left_bounds(progress.left) if progress.left else "", left
        ),
        f"{run.created_at:%Y-%m-%d %H:%M}",
    ]


def _below(text: str | None) -> Markup:
    return Markup('<span class="folder">{}</span>').format(text) if text else Markup("")


def states_bar(counts: Mapping[JobState, int]) -> Markup:
    """Jobs by state as one bar."""
    order = (
        JobState.COMPLETED,
        JobState.DISCARDED,
        JobState.CANCELLED,
        JobState.RUNNING,
        JobState.RETRYABLE,
        JobState.AVAILABLE,
    )
    parts = [(state.value, counts.get(state, 0)) for state in order]
    label = ", ".join(f"{number} {name}" for name, number in parts if number) or "no jobs"
    return m.stacked_bar(parts, label=label)


def running(jobs: Sequence[Job], now: datetime) -> Markup:
    """Clips that a worker holds."""
    columns = (
        Column("Clip"),
        Column("Worker", tight=True),
        Column("Progress"),
        Column("Frames/s", numeric=True),
        Column("For", numeric=True),
        Column("Attempt", numeric=True),
    )
    return m.table(
        "Clips in progress",
        columns,
        [_running_cells(job, now) for job in jobs],
        empty="No clip is being tracked.",
    )


def _running_cells(job: Job, now: datetime) -> list[Any]:
    elapsed = (now - job.started_at).total_seconds() if job.started_at else 0.0
    return [
        clip_link(job),
        short_owner(job.owner),
        _job_progress(job),
        w.number(job.frames_done / elapsed) if elapsed > 0 else "–",
        w.duration(max(0.0, elapsed)),
        f"{job.attempt} of {job.max_attempts}",
    ]


def _job_progress(job: Job) -> Markup:
    if not job.frames_total:
        return m.text(w.plural(job.frames_done, "frame") if job.frames_done else "starting")
    name = job.video.path.rsplit("/", 1)[-1]
    return m.progress(job.frames_done / job.frames_total, label=f"progress of {name}")


def clip_link(job: Job) -> Markup:
    """The file's name, its folder dimmed below, leading to the job."""
    folder, _, name = job.video.path.rpartition("/")
    shown = Markup('{}<span class="folder">{}</span>').format(name, folder)
    return m.link(shown, f"/jobs/{job.job_id}")


def short_owner(owner: str | None) -> str:
    """`cpu@host:pid` without the process's birth."""
    return (owner or "").rpartition(":")[0] or owner or "–"


def queues(now: Snapshot) -> Markup:
    """Waiting jobs per device tag."""
    columns = (
        Column("Device tag"),
        Column("Waiting", numeric=True),
        Column("Oldest for", numeric=True),
    )
    rows = [[q.device, w.number(q.waiting), w.duration(q.oldest_seconds)] for q in now.queues]
    return m.table("Waiting jobs by device tag", columns, rows, empty="Nothing waits.")


def failures(now: Snapshot) -> Markup:
    """Dead letters per reason."""
    columns = (Column("Reason"), Column("Jobs", numeric=True), Column("Share"))
    total = sum(now.failures.values())
    rows = [
        [
            m.link(code, "/dead-letters", reason=code),
            w.number(number),
            m.bar(number / total, label=f"{w.percent(number / total)} of all", kind="bad"),
        ]
        for code, number in now.failures.items()
    ]
    return m.table("Dead letters by reason", columns, rows, empty="None.")


def jobs(lines: Sequence[JobLine], *, empty: str) -> Markup:
    """One line per job."""
    columns = (
        Column("Clip"),
        Column("State"),
        Column("Best height", numeric=True),  # what a telephone still shows
        Column("Quality", numeric=True),
        Column("Kind"),
        Column("Tracker"),
        Column("Took", numeric=True),
        Column("Job", numeric=True),
    )
    return m.table("Jobs", columns, [_job_cells(line) for line in lines], empty=empty)


def _job_cells(line: JobLine) -> list[Any]:
    job = line.job
    heights = [jump["jump_height_m"] for jump in line.jumps if jump.get("jump_height_m")]
    took = (job.finished_at - job.started_at) if job.finished_at and job.started_at else None
    reason = job.error_code if job.state is not JobState.RUNNING else None
    return [
        clip_link(job),
        m.badge(job.state.value) + _below(reason),
        f"{100 * max(heights):.1f} cm" if heights else "",
        f"{line.quality_score:.0f}" if line.quality_score is not None else "",
        line.kind or "",
        Markup('{} <span class="dim">cached</span>').format(line.tracker)
        if job.cache_hit
        else line.tracker or "",
        w.duration(took.total_seconds()) if took else "",
        job.job_id,
    ]
