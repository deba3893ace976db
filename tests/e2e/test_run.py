"""`posebatch run`: from files to pose tracks, jump metrics and timings, in one command."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import jsonschema
import pyarrow.parquet as pq
import pytest

from command import Command, stages

TRUE_HEIGHT_M = {"cmj_25.mp4": 0.25, "cmj_40.mp4": 0.40}

CONTRACT = {
    "type": "object",
    "required": ["run", "jobs"],
    "properties": {
        "run": {
            "type": "object",
            "required": [
                *("run_id", "name", "state", "total", "completed", "discarded", "cancelled"),
                *("seconds", "frames_per_second", "videos_per_hour"),
            ],
        },
        "jobs": {
            "type": "array",
            "items": {
                "type": "object",
                "required": [
                    *("job_id", "video", "state", "attempt", "cache_hit", "error", "video_info"),
                    *("tracker", "analysis", "timings", "artifacts"),
                ],
                "properties": {
                    "video_info": {
                        "required": [
                            *("width", "height", "fps", "frames", "duration_seconds"),
                            *("rotation_degrees", "codec"),
                        ]
                    },
                    "tracker": {
                        "required": ["name", "model", "model_sha256", "device", "provider"]
                    },
                    "analysis": {"required": ["kind", "jumps", "quality"]},
                    "timings": {"items": {"required": ["stage", "parent", "seconds", "calls"]}},
                    "artifacts": {"required": ["keypoints", "overlay"]},
                },
            },
        },
    },
}


@pytest.fixture(scope="module")
def ran(clips: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Command, dict]:
    command = Command(home=tmp_path_factory.mktemp("home"))
    return command, command.json("run", clips, "--json")


def test_the_document_keeps_the_contract(ran: tuple[Command, dict]) -> None:
    _, document = ran
    jsonschema.validate(document, CONTRACT)
    assert document["run"]["state"] == "completed"
    assert document["run"]["completed"] == document["run"]["total"] == 2


def test_heights_are_those_that_were_drawn(ran: tuple[Command, dict]) -> None:
    for job in ran[1]["jobs"]:
        (jump,) = job["analysis"]["jumps"]
        true = TRUE_HEIGHT_M[Path(job["video"]).name]
        assert jump["jump_height_m"] == pytest.approx(true, abs=0.03)
        low, high = jump["jump_height_interval_m"]
        assert low < jump["jump_height_m"] < high


def test_keypoints_hold_every_frame_and_landmark(ran: tuple[Command, dict]) -> None:
    for job in ran[1]["jobs"]:
        table = pq.read_table(job["artifacts"]["keypoints"])
        described = json.loads(table.schema.metadata[b"posebatch"])
        assert table.num_rows == 33 * job["video_info"]["frames"]
        assert described["skeleton"]["name"] == "blazepose_33"
        assert {"x", "y", "z", "visibility", "pts_seconds", "landmark"} <= set(table.column_names)
        x = table["x"].drop_null().to_numpy()
        assert len(x) > 0.9 * table.num_rows
        assert ((x > -0.5) & (x < 1.5)).all()


def test_timings_add_up_in_every_branch(ran: tuple[Command, dict]) -> None:
    for job in ran[1]["jobs"]:
        timings = job["timings"]
        for parent in timings:
            children = [t["seconds"] for t in timings if t["parent"] == parent["stage"]]
            assert sum(children) <= parent["seconds"] * 1.001 + 1e-6
        top = sum(t["seconds"] for t in timings if t["parent"] == "job")
        assert top == pytest.approx(stages(job)["job"]["seconds"], rel=1e-3)
        assert {"decoder", "decode", "track", "infer", "hash", "queue_wait"} <= set(stages(job))


def test_results_and_show_repeat_what_run_said(ran: tuple[Command, dict]) -> None:
    command, document = ran
    again = command.json("results", "--format", "json")
    assert again["jobs"] == document["jobs"]
    job = command.json("show", document["jobs"][0]["job_id"], "--json")
    assert job == {**document["jobs"][0], "run": document["run"]}
    shown = command("show", document["jobs"][0]["job_id"]).stdout
    assert "├──" in shown
    assert "jump_height_m" in shown


def test_the_log_names_each_video(ran: tuple[Command, dict]) -> None:
    command, document = ran
    log = "".join(path.read_text() for path in (command.home / "logs").glob("workers-*.log"))
    lines = [json.loads(line) for line in log.splitlines() if '"job_completed"' in line]
    told = {f"/{line['video']}" for line in lines}
    assert {job["video"] for job in document["jobs"]} <= told


def test_a_second_run_decodes_nothing(ran: tuple[Command, dict], clips: Path) -> None:
    command, document = ran
    again = command.json("run", clips, "--json")
    assert all(job["cache_hit"] for job in again["jobs"])
    for before, after in zip(document["jobs"], again["jobs"], strict=True):
        assert after["analysis"] == before["analysis"]
        assert "decode" not in stages(after)


def test_a_runs_name_is_told_on_one_line_as_it_is(ran: tuple[Command, dict], clips: Path) -> None:
    name = "[bold] [/] " + "a camp in Übersee, " * 6
    done = ran[0]("run", clips, "--name", name)
    assert done.returncode == 0, done.stderr
    told = rf"run \d+ · {re.escape(name)}: 2 videos added, 2 done before with the same options"
    assert re.search(f"^{told}$", done.stderr, re.MULTILINE), done.stderr


def test_other_words_about_the_athlete_or_the_jump_track_nothing_again(
    ran: tuple[Command, dict], clips: Path
) -> None:
    command, document = ran
    words = ("--athlete-height", "1.95", "--kind", "squat-jump", "--slow-motion", "2", "--json")
    again = command.json("run", clips, *words)
    anew = command.json("run", clips, *words, "--force")
    for job, first, forced in zip(again["jobs"], document["jobs"], anew["jobs"], strict=True):
        assert "decode" not in stages(job)
        assert "decode" in stages(forced)
        assert job["analysis"] == forced["analysis"] != first["analysis"]


def test_another_tracking_is_no_word_about_the_athlete(
    ran: tuple[Command, dict], clips: Path
) -> None:
    again = ran[0].json("run", clips, "--athlete-height", "1.95", "--dense", "--json")
    assert all("decode" in stages(job) for job in again["jobs"])


def test_a_renamed_copy_is_known_by_its_content(
    ran: tuple[Command, dict], clips: Path, tmp_path: Path
) -> None:
    command, document = ran
    shutil.copyfile(clips / "cmj_25.mp4", tmp_path / "other name.mov")
    (job,) = command.json("run", tmp_path / "other name.mov", "--json")["jobs"]
    first = next(j for j in document["jobs"] if j["video"].endswith("cmj_25.mp4"))
    assert job["cache_hit"]
    assert job["artifacts"] == first["artifacts"]
    assert "decode" not in stages(job)


def test_export_writes_metrics_and_keypoints(ran: tuple[Command, dict], tmp_path: Path) -> None:
    command, document = ran
    done = command("export", document["run"]["run_id"], "--to", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert "keypoints of 2 videos" in done.stdout
    rows = (tmp_path / "out" / "metrics.csv").read_text().splitlines()
    assert len(rows) == 1 + 2
    assert len(list((tmp_path / "out").glob("*.parquet"))) == 2
