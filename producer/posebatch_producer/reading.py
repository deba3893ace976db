"""Runs and jobs read back from the ledger by id or name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from posebatch_producer.document import job_entry, run_document, run_summary
from posebatch_producer.service import open_ledger
from posebatch_shared.artifact_addresses import find_artifact
from posebatch_shared.errors import UsageError
from posebatch_shared.file_names import stored
from posebatch_shared.jobs import Run
from posebatch_shared.settings import load_settings
from posebatch_shared.store.ports import UnitOfWork


def read_run(key: str | None) -> dict[str, Any]:
    """The document of a run, the latest if no key is given. Errors: UsageError if there is none."""
    with open_ledger(load_settings()) as store, store.unit_of_work() as uow:
        return run_document(uow, find_run(uow, key))


def read_runs(keys: Sequence[str]) -> dict[str, Any]:
    """Of several runs one document, {"runs": […], "jobs": […]}, with each video once; of one, or
    of the latest if no key is given, its own. Errors: UsageError if there is none."""
    if len(keys) < 2:
        return read_run(keys[0] if keys else None)
    with open_ledger(load_settings()) as store, store.unit_of_work() as uow:
        documents = [run_document(uow, run) for run in find_runs(uow, keys)]
    jobs = [job for document in documents for job in document["jobs"]]
    return {"runs": [document["run"] for document in documents], "jobs": each_video_once(jobs)}


def each_video_once(jobs: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of the jobs of one video the last with a result, so that a later run corrects an earlier one;
    if none has one, the last."""
    chosen: dict[tuple[str, str], dict[str, Any]] = {}
    for job in jobs:
        before = chosen.setdefault((job["root"], job["video"]), job)
        if job["analysis"] or not before["analysis"]:
            chosen[job["root"], job["video"]] = job
    return list(chosen.values())


def worst_first(document: Mapping[str, Any]) -> dict[str, Any]:
    """The same run, what did not get through before the rest by quality."""
    return {**document, "jobs": sorted(document["jobs"], key=_quality)}


def _quality(job: Mapping[str, Any]) -> float:
    score: float = (job["analysis"] or {}).get("quality", {}).get("score", 0.0)
    return score if job["analysis"] else -1.0


def read_job(job_id: int) -> dict[str, Any]:
    """One job's entry, its files where they lie now, and its run. Errors: UsageError."""
    settings = load_settings()
    with open_ledger(settings) as store, store.unit_of_work() as uow:
        job = uow.jobs.get(job_id)
        if job is None:
            raise UsageError(f"no job {job_id}; `posebatch results` lists them")
        run = find_run(uow, str(job.run_id))
        entry = {**job_entry(uow, job), "run": run_summary(uow, run)}
    addresses = entry["artifacts"].items()
    place = settings.resolved_artifacts_url
    found = {name: uri and find_artifact(uri, place) for name, uri in addresses}
    return {**entry, "artifacts": found}


def find_run(uow: UnitOfWork, key: str | None) -> Run:
    """By id, by name, or the latest. Errors: UsageError if there is none."""
    if key is None:
        found = uow.runs.latest()
    else:
        found = (uow.runs.get(int(key)) if key.isdecimal() else None) or uow.runs.get(stored(key))
    if found is None:
        raise UsageError(
            "no runs yet" if key is None else f"no run {key!r}; `posebatch runs` lists them"
        )
    return found


def find_runs(uow: UnitOfWork, keys: Sequence[str]) -> Sequence[Run]:
    """By id or name, each once. Errors: UsageError if there is no such run."""
    found = [find_run(uow, key) for key in keys]
    return list({run.run_id: run for run in found}.values())
