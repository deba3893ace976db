"""Runs as files for other programs: metrics.csv, results.json and the keypoints."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from posebatch_producer.reading import read_runs
from posebatch_shared.artifacts import read_artifact
from posebatch_shared.errors import ArtifactLost
from posebatch_shared.settings import load_settings

#: Bytes of a video's name that are kept in that of its keypoints.
_LONGEST_STEM = 150


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What came into the folder beside the run's numbers, and what could not."""

    keypoints: int  #: files copied
    left_out: Sequence[tuple[str, ArtifactLost]]  #: videos, and why theirs cannot be read


def export_runs(keys: Sequence[str], folder: str) -> Exported:
    """Write the runs into `folder`, without the keypoints that cannot be read. Of a video that
    several have, the last with a result counts.

    Errors: UsageError, ArtifactsUnavailable if their storage as a whole does not answer,
    NotInstalled, OSError if the folder cannot be written.
    """
    document, artifacts_url = read_runs(keys), load_settings().resolved_artifacts_url
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    (target / "results.json").write_text(json.dumps(document, indent=2), encoding="utf-8")
    # With the mark by which spreadsheets know the encoding.
    (target / "metrics.csv").write_text(metrics_csv(document), encoding="utf-8-sig", newline="")
    tracked = [job for job in document["jobs"] if job["artifacts"]["keypoints"]]
    left_out: list[tuple[str, ArtifactLost]] = []
    for job in tracked:
        try:
            poses = read_artifact(job["artifacts"]["keypoints"], artifacts_url)
        except ArtifactLost as error:
            left_out.append((job["video"], error))
        else:
            (target / _file_name(job)).write_bytes(poses)
    return Exported(keypoints=len(tracked) - len(left_out), left_out=left_out)


def _file_name(job: Mapping[str, Any]) -> str:
    """After the video, whose name may take all that a file system allows."""
    stem = Path(job["video"]).stem.encode()[:_LONGEST_STEM].decode(errors="ignore")
    return f"{job['job_id']}-{stem}.keypoints.parquet"


def metrics_csv(document: Mapping[str, Any]) -> str:
    """A row per jump, and one for every video without a jump."""
    rows = list(_rows(document))
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _rows(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for job in document["jobs"]:
        base, jumps = _of_the_clip(job), (job["analysis"] or {}).get("jumps", [])
        for number, jump in enumerate(jumps, 1):
            yield {**base, "jump": number, **_flat(jump)}
        if not jumps:
            yield {**base, "jump": ""}


def _of_the_clip(job: Mapping[str, Any]) -> dict[str, Any]:
    analysis, error = job["analysis"] or {}, job["error"] or {}
    quality = analysis.get("quality", {})
    remarks = [error.get("message"), job["remark"], analysis.get("note")]
    return {
        "job_id": job["job_id"],
        "run_id": job["run_id"],
        "video": job["video"],
        "recorded_at": (job["video_info"] or {}).get("recorded_at"),
        "state": job["state"],
        "error": error.get("code", ""),
        "tracker": (job["tracker"] or {}).get("name"),
        "kind": analysis.get("kind", ""),
        "slow_motion": analysis.get("slow_motion"),
        "quality": quality.get("score", ""),
        "remarks": "; ".join(filter(None, [*remarks, *quality.get("warnings", ())])),
    }


def _flat(jump: Mapping[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in jump.items():
        if isinstance(value, list):
            flat[f"{name}_low"], flat[f"{name}_high"] = value
        elif not isinstance(value, dict):
            flat[name] = value
    return flat
