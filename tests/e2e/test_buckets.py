"""Clips from a bucket and results into one, over the real protocol."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from buckets import Buckets, buckets
from command import Command, codes, stages

#: Names that a pattern, a chain of file systems or an escape could be made of.
ODD = ("a*b.mp4", "x::y.mp4", "100%25.mp4", "ü#1?.mp4", "[1].mp4")


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Buckets]:
    with buckets(tmp_path_factory.mktemp("buckets")) as server:
        server.make("clips")
        server.make("results")
        yield server


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory, cloud: Buckets) -> Command:
    environment = {
        **cloud.environment,
        "POSEBATCH_ROOTS": "all=s3://clips,archive=s3://clips/archive",
        "POSEBATCH_ARTIFACTS_URL": "s3://results/ours",
    }
    return Command(home=tmp_path_factory.mktemp("home"), environment=environment)


@pytest.fixture(scope="module")
def ran(clips: Path, cloud: Buckets, command: Command) -> Any:
    """What a run of five clips of the same bytes says, other files beside them."""
    clip = (clips / "cmj_25.mp4").read_bytes()
    for name in ODD:
        cloud.put(f"s3://clips/archive/2024/{name}", clip)
    for name in ("archive/2024/._a*b.mp4", "archive/notes.txt", "archive2/other.mp4"):
        cloud.put(f"s3://clips/{name}", b"none of these")
    return command.json("run", "s3://clips/archive", "--overlay", "--json")


def test_a_run_from_bucket_to_bucket(
    ran: Any, cloud: Buckets, command: Command, tmp_path: Path
) -> None:
    assert set(codes(ran["jobs"])) == set(ODD), "each under its root, nothing beside"
    assert {job["state"] for job in ran["jobs"]} == {"completed"}
    first = next(job for job in ran["jobs"] if not job["cache_hit"])
    assert first["video"].startswith("2024/")
    assert {"fetch", "write_keypoints", "write_overlay"} <= stages(first).keys()
    assert len(cloud.names("results")) <= 4, "keypoints and film, of two workers at most"
    assert not any(".partial" in name for name in cloud.names("results"))

    exported = command("export", ran["run"]["run_id"], "--to", tmp_path / "out")
    assert exported.returncode == 0, exported.stderr
    assert len(list((tmp_path / "out").glob("*.parquet"))) == len(ODD)
    assert list((command.home / "checkpoints").iterdir()) == [], "no copy of a clip is left"


def test_a_clip_that_was_replaced_is_not_taken_for_the_old_one(
    clips: Path, ran: Any, cloud: Buckets, command: Command
) -> None:
    content = bytearray((clips / "cmj_25.mp4").read_bytes())
    content[-1] ^= 1
    cloud.put("s3://clips/archive/2024/ü#1?.mp4", bytes(content))
    both = ("s3://clips/archive/2024/ü#*", "s3://clips/archive/2024/100%25.mp4")

    jobs = command.json("run", *both, "--overlay", "--json")["jobs"]

    known, after = sorted(jobs, key=lambda job: str(job["video"]))
    before = next(job for job in ran["jobs"] if job["video"] == after["video"])
    assert (known["cache_hit"], after["cache_hit"]) == (True, False)
    assert before["artifacts"]["keypoints"] != after["artifacts"]["keypoints"]


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, "Could not connect"),
        ({"POSEBATCH_ROOTS": "here=/"}, "lies under no root"),
        ({"POSEBATCH_ROOTS": "all=s4://clips"}, "lies under no root"),
        ({"POSEBATCH_ARTIFACTS_URL": "s4://results"}, "Protocol not known: s4"),
    ],
)
def test_an_address_that_does_not_answer_is_named(
    cloud: Buckets, command: Command, environment: dict[str, str], said: str
) -> None:
    cloud.put("s3://clips/archive/clip.mp4", b"text")
    done = Command(home=command.home, environment={**command.environment, **environment})(
        "run", "s3://clips/archive"
    )
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
