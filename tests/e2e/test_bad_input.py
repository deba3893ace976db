"""Broken files end discarded with a code of their own and a sentence; the others complete."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from command import Command, codes
from posebatch_shared.errors import NotAVideo


@pytest.fixture(scope="module")
def bad_folder(clips: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bad")
    shutil.copyfile(clips / "cmj_25.mp4", folder / "good.mp4")
    whole = (clips / "cmj_40.mp4").read_bytes()
    (folder / "truncated.mp4").write_bytes(whole[: len(whole) // 2])
    (folder / "text.mp4").write_text("this is not a video\n" * 100)
    (folder / "empty.mp4").touch()
    write_grey_clip(folder / "nobody.mp4")
    return folder


def write_grey_clip(path: Path) -> None:
    with av.open(str(path), "w") as file:
        stream = file.add_stream("libx264", rate=30, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        for _ in range(30):
            grey = av.VideoFrame.from_ndarray(np.full((240, 320, 3), 90, np.uint8), "rgb24")
            file.mux(stream.encode(grey))
        file.mux(stream.encode(None))


def test_each_bad_file_has_its_own_code_and_the_good_one_completes(
    bad_folder: Path, command: Command
) -> None:
    document = command.json("run", bad_folder, "--json", exit_code=3)
    assert codes(document["jobs"]) == {
        "empty.mp4": "empty_file",
        "good.mp4": "",
        "nobody.mp4": "no_person",
        "text.mp4": "not_a_video",
        "truncated.mp4": "truncated",
    }
    states = {Path(job["video"]).name: job["state"] for job in document["jobs"]}
    assert states.pop("good.mp4") == "completed"
    assert set(states.values()) == {"discarded"}


def test_a_person_reads_a_message_with_advice_and_no_traceback(
    bad_folder: Path, command: Command
) -> None:
    done = command("run", bad_folder / "text.mp4")
    assert done.returncode == 3
    assert f"not_a_video: {NotAVideo.advice}" in done.stdout
    assert "text.mp4: no known video container" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_a_wrong_path_ends_before_anything_starts(command: Command, tmp_path: Path) -> None:
    done = command("run", tmp_path / "absent.mp4")
    assert done.returncode == 2
    assert "absent.mp4" in done.stderr
    assert "Traceback" not in done.stderr
    assert not command.home.exists()


@pytest.mark.parametrize(
    "words",
    [
        ("run",),
        ("run", "x", "--quality", "perfect"),
        ("frobnicate",),
        ("show", "12345"),
        ("show", str(10**20)),
        ("results", str(10**20)),
        ("results", "²"),
        ("run", "/tmp", "--tracker", "no-such-tracker"),
        ("run", "/tmp", "--athlete", "tallest"),
        ("run", "/tmp", "--slow-motion", "nan"),
        ("run", "/tmp", "--athlete-height", "inf"),
    ],
    ids=" ".join,
)
def test_wrong_words_are_wrong_use(words: tuple[str, ...], command: Command) -> None:
    done = command(*words)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("POSEBATCH_CONCURRENCY", "-1"),
        ("POSEBATCH_LEASE_SECONDS", "0"),
        ("POSEBATCH_BEAT_SECONDS", "nan"),
        ("POSEBATCH_DISPATCH_WINDOW", "many"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(
    variable: str, value: str, command: Command
) -> None:
    done = replace(command, environment={variable: value})("results")
    assert done.returncode == 2
    assert f"error: {variable}: " in done.stderr
