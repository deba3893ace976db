"""All that is known of one job: metrics, trajectory, events, keypoint quality, time, overlay."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from nicegui import ui

from posebatch_ops.dashboard import actions, charts, metrics, stages, tables
from posebatch_ops.dashboard import markup as m
from posebatch_ops.dashboard import wording as w
from posebatch_ops.dashboard.board import Board
from posebatch_ops.dashboard.event_table import event_table
from posebatch_ops.dashboard.frame import READ_SECONDS, frame, later, section
from posebatch_ops.dashboard.keypoint_quality import LandmarkQuality, landmark_quality
from posebatch_ops.dashboard.markup import Column
from posebatch_shared.errors import PosebatchError
from posebatch_shared.errors.advice import advice_for
from posebatch_shared.jobs import TERMINAL, Job
from posebatch_shared.results import JobResult, StageTiming
from posebatch_shared.store.records import EventRow


def register(board: Board) -> None:
    """Serve it at /jobs/ID."""

    @ui.page("/jobs/{job_id:int}")
    async def job(job_id: int) -> None:
        known = await asyncio.to_thread(_read, board, job_id)
        if known is None:
            with frame(board, f"No job {job_id}", section="/runs"):
                ui.html('<p><a href="/runs">All runs</a></p>', sanitize=False)
            return
        found, result = known.job, known.result
        name = found.video.path.rsplit("/", 1)[-1]
        with frame(board, name, section="/runs") as page:
            _head(board, found)
            actions.job_buttons(page, found)
            if result is not None:
                _result(board, found, result)
            with section("Where the time went"):
                ui.html(stages.tree(known.timings, frames=_tracked(result)), sanitize=False)
            with section("Attempts and errors"):
                ui.html(_attempts(found, known.events), sanitize=False)
            if result is not None:
                with section("Keypoints", "mean visibility of each landmark"):
                    later(lambda: _keypoints(board, found, result))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    job: Job
    result: JobResult | None
    timings: Sequence[StageTiming]
    events: Sequence[EventRow]


def _read(board: Board, job_id: int) -> _Known | None:
    with board.store.unit_of_work() as uow:
        job = uow.jobs.get(job_id)
        if job is None:
            return None
        return _Known(
            job=job,
            result=uow.results.get(job.result_id) if job.result_id is not None else None,
            timings=uow.results.timings(job_id),
            events=uow.events.list(job_id=job_id),
        )


def _head(board: Board, job: Job) -> None:
    """Once the job has ended, or is put back, the page beneath is another one."""

    def content() -> Markup | None:
        with board.store.unit_of_work() as uow:
            now = uow.jobs.get(job.job_id) or job
        return _state(now) if (now.state in TERMINAL) == (job.state in TERMINAL) else None

    later(content, first=_state(job), seconds=READ_SECONDS)


def _state(job: Job) -> Markup:
    where = Markup("{} {} · job {} of {} · {}").format(
        m.badge(job.state.value),
        Markup('<span class="dim">from cache</span>') if job.cache_hit else "",
        job.job_id,
        m.link(f"run {job.run_id}", f"/runs/{job.run_id}"),
        _full_path(job),
    )
    line = Markup('<p class="lead">{}</p>').format(where)
    if job.frames_total and job.state not in TERMINAL:
        line += m.progress(job.frames_done / job.frames_total, label="progress")
    if job.error_code:
        line += Markup('<div class="alert"><b>{}</b> {}<p>{}</p></div>').format(
            job.error_code, job.error_message or "", advice_for(job.error_code)
        )
    return line


def _full_path(job: Job) -> str:
    """As people write it; `local` is the root of the machine that submitted."""
    root = "" if job.video.root == "local" else job.video.root
    return f"{root}/{job.video.path}"


def _result(board: Board, job: Job, result: JobResult) -> None:
    analysis: Mapping[str, Any] = result.analysis
    jumps = analysis.get("jumps") or []
    with ui.element("div").classes("pair job"):
        with ui.element("div"):
            with section("Vertical trajectory", "phases shaded, events dashed"):
                _trajectory(analysis, jumps)
            with section("Metrics"):
                ui.html(metrics.jump_table(jumps, analysis.get("note")), sanitize=False)
            with section("Events"):
                ui.html(metrics.event_table(analysis), sanitize=False)
        with ui.element("div"):
            if result.artifacts.overlay:
                with section("Overlay"):
                    ui.html(_player(job), sanitize=False)
            with section("Quality"):
                ui.html(metrics.quality(analysis.get("quality") or {}), sanitize=False)
            with section("Clip and tracker"):
                ui.html(m.facts(metrics.about(result)), sanitize=False)


def _trajectory(analysis: Mapping[str, Any], jumps: Sequence[Mapping[str, Any]]) -> None:
    series = analysis.get("series") or {}
    if not series.get("seconds"):
        ui.html('<p class="empty">The analysis kept no trajectory.</p>', sanitize=False)
        return
    options = charts.trajectory(series, analysis.get("phases") or [], jumps)
    said = f"Height of hips and feet over {series['seconds'][-1]:.1f} s, {len(jumps)} jumps"
    ui.echart(options, renderer="svg").classes("chart tall").props(
        f'role="img" aria-label="{said}"'
    )


def _player(job: Job) -> Markup:
    return Markup(
        '<video controls playsinline preload="metadata" src="/files/{0}/overlay" '
        'aria-label="The clip with skeleton, events and heights drawn in"></video>'
    ).format(job.job_id)


def _keypoints(board: Board, job: Job, result: JobResult) -> Markup:
    if not result.artifacts.keypoints:
        return Markup('<p class="empty">No keypoint file.</p>')
    try:
        found = landmark_quality(result.artifacts.keypoints, board.artifacts_url)
    except PosebatchError as error:
        return Markup('<p class="empty">The keypoint file cannot be read: {}</p>').format(error)
    download = Markup('<p><a href="/files/{}/keypoints" download="{}.parquet">Download</a></p>')
    name = job.video.path.rsplit("/", 1)[-1].rpartition(".")[0]
    return _landmark_table(found) + download.format(job.job_id, name)


def _landmark_table(found: Sequence[LandmarkQuality]) -> Markup:
    columns = (Column("Landmark"), Column("Visibility"), Column("Seen in", numeric=True))
    rows = [
        [
            each.landmark.replace("_", " "),
            m.bar(each.mean_visibility, label=f"{each.mean_visibility:.2f} of 1"),
            w.percent(each.seen_share),
        ]
        for each in found
    ]
    return m.table("Visibility by landmark", columns, rows, empty="No landmarks.", look="dense")


def _attempts(job: Job, events: Sequence[EventRow]) -> Markup:
    facts = m.facts(
        (
            ("Attempts", f"{job.attempt} of {job.max_attempts}"),
            ("Crashes", str(job.crashes)),
            ("Worker", tables.short_owner(job.owner)),
            ("Began", w.moment(job.started_at)),
            ("Ended", w.moment(job.finished_at)),
        )
    )
    return facts + event_table(events, empty="Nothing went wrong.")


def _tracked(result: JobResult | None) -> int:
    return result.frames_tracked if result else 0
