"""In its image, on a network that leads out, tracking a clip looks up no name and calls nobody."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from network_calls import contacts
from posebatch_workers.athlete.clip import ClipSpec, draw_clip
from traced_containers import run_traced

# Connecting a datagram socket sends nothing, and 198.51.100.0/24 is nobody's.
CALL_OUT = """
import socket
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(("198.51.100.7", 443))
try:
    socket.getaddrinfo("somewhere.invalid", 443)
except socket.gaierror:
    print("looked")
"""


@pytest.fixture(scope="session")
def image(request: pytest.FixtureRequest) -> str:
    """The image of worker-cpu; what is asked for and cannot be run is a failure, not a skip."""
    name: str | None = request.config.getoption("--docker-image")
    if name is None:
        pytest.skip("needs a Docker engine and --docker-image, e.g. posebatch-worker-cpu")
    return name


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    folder = tmp_path / "trace"
    folder.mkdir()
    return folder


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one drawn jump that the image's user may read."""
    folder = tmp_path_factory.mktemp("archive")
    folder.chmod(0o755)
    draw_clip(ClipSpec(width=480, height=854, fps=60), folder / "cmj.mp4")
    return folder


@pytest.mark.parametrize("tracker", ["mediapipe", "blazepose"])
def test_a_clip_is_tracked_without_a_word(
    tracker: str, image: str, archive: Path, trace: Path
) -> None:
    words = ["posebatch", "run", "/archive", "--tracker", tracker, "--json"]
    printed = run_traced(image, words, options=[f"--volume={archive}:/archive:ro"], trace=trace)
    (job,) = json.loads(printed)["jobs"]
    assert (job["state"], job["tracker"]["name"]) == ("completed", tracker)
    assert contacts(trace) == set()


def test_who_calls_out_there_is_seen(image: str, trace: Path) -> None:
    words = ["python", "-c", CALL_OUT]
    assert run_traced(image, words, options=["--dns=127.0.0.1"], trace=trace) == "looked\n"
    assert contacts(trace) == {("198.51.100.7", 443), ("127.0.0.1", 53)}
