"""What is wrong is said in a line, at once, with what to do: no traceback, nothing started."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from command import Command
from posebatch_shared.errors import UsageError

NO_BROKER = {"POSEBATCH_BROKER_URL": "redis://127.0.0.1:1/0"}


@pytest.mark.parametrize(
    ("words", "environment", "said"),
    [
        (("worker", "--tracker", "nope"), NO_BROKER, "No tracker is called nope"),
        (("worker",), {**NO_BROKER, "POSE_TRACKER_BACKEND": "nope"}, "No tracker is called nope"),
        (("bench", "trackers", "CLIPS", "--tracker", "nope"), {}, "No tracker is called nope"),
        (("models", "verify", "nope"), {}, "no model 'nope'"),
        (("models", "fetch", "nope"), {}, "no model 'nope'"),
        (("run", "CLIPS"), NO_BROKER, "the broker does not answer"),
        (("results",), {"POSEBATCH_HOME": "/dev/null/home"}, "Not a directory"),
        (("samples", "/dev/null"), {}, "/dev/null"),
        (("results", ""), {}, "no run ''"),
        (("status", "--watch", "--json"), {}, "--watch has no end"),
        (("retry", "nope", "--failed"), {}, "no run 'nope'"),
        (("retry", "nope", "--no-failed", "--cancelled"), {}, "no run 'nope'"),
        (("dashboard", "--port", "99999"), {}, "99999"),
    ],
)
def test_it_is_named(
    command: Command,
    clips: Path,
    words: tuple[str, ...],
    environment: Mapping[str, str],
    said: str,
) -> None:
    done = replace(command, environment=environment)(
        *(str(clips) if word == "CLIPS" else word for word in words)
    )
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_where_a_folder_is_needed_is_the_commands_fault(
    command: Command, tmp_path: Path
) -> None:
    (tmp_path / "taken").touch()
    done = command("samples", tmp_path / "taken")
    assert done.stderr.splitlines()[1:] == [f"  {UsageError.advice}"]


@pytest.mark.parametrize("part", ["exporter", "flower"])
def test_an_address_that_is_taken_is_named(command: Command, part: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        done = replace(command, environment=NO_BROKER)(part, "--port", port)
    assert done.returncode == 2
    assert f"error: nothing can listen on 127.0.0.1:{port}: Address already in use" in done.stderr
    assert UsageError.advice in done.stderr


def test_a_run_without_its_device_is_told_what_a_run_can_do(command: Command, clips: Path) -> None:
    done = command("run", clips, "--tracker", "rtmpose-coreml")  # none but a Mac has it
    assert done.returncode == 2
    assert "a run with another --tracker" in done.stderr


def test_a_benchmark_without_its_model_says_so_after_the_table(
    command: Command, clips: Path, tmp_path: Path
) -> None:
    (tmp_path / "models").mkdir()
    environment = {"POSEBATCH_MODEL_DIR": str(tmp_path / "models")}
    clip = clips / "cmj_25.mp4"
    done = replace(command, environment=environment)("bench", "trackers", clip, "--tracker", "rtmo")
    assert done.returncode == 3
    assert "did not run" in done.stdout
    assert "is missing" in done.stderr


def test_a_run_without_its_model_ends_no_job_and_carries_on_with_it(
    command: Command, clips: Path, tmp_path: Path
) -> None:
    wrong = tmp_path / "models/pose_landmarker_lite.task"
    wrong.parent.mkdir()
    wrong.write_bytes(b"something else")
    command = replace(command, environment={"POSEBATCH_MODEL_DIR": str(wrong.parent)})
    words = ("run", clips, "--tracker", "blazepose")
    refused = command(*words)
    assert refused.returncode == 2
    assert refused.stderr.count("has sha256") == 1
    assert "Delete the named file" in refused.stderr
    left = command.json("results", "--format", "json")["run"]
    assert (left["total"], left["discarded"]) == (2, 0)

    wrong.unlink()
    carried_on = command.json(*words, "--json")["run"]
    assert carried_on["run_id"] == left["run_id"]
    assert carried_on["completed"] == 2


def test_a_terminal_of_another_encoding_shows_what_it_can(command: Command) -> None:
    ascii_only = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    done = replace(command, environment=ascii_only)("status")
    assert done.returncode == 0, done.stderr


def test_a_home_is_found_where_a_shell_would_find_it(tmp_path: Path) -> None:
    command = Command(home=Path("~/archive"), environment={"HOME": str(tmp_path)})
    assert command("status").returncode == 0
    assert (tmp_path / "archive/ledger.sqlite").exists()
