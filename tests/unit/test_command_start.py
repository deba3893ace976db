"""The command starts quickly because it imports no ML package, no Celery and no numpy."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import version

import pytest

HEAVY = ("numpy", "celery", "mediapipe", "onnxruntime", "cv2", "av", "scipy", "sqlalchemy")


def test_help_imports_nothing_heavy() -> None:
    program = (
        "import sys; sys.argv = ['posebatch', '--help']\n"
        "from posebatch_producer.cli import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Usage: posebatch" in done.stdout
    assert done.stdout.strip().splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    "words",
    [("posebatch_producer",), ("posebatch_workers", "models"), ("posebatch_workers", "bench")],
)
def test_no_line_of_the_help_is_cut(words: tuple[str, ...]) -> None:
    asked = [sys.executable, "-m", *words, "--help"]
    narrow = {**os.environ, "COLUMNS": "80"}
    done = subprocess.run(asked, capture_output=True, text=True, env=narrow)
    assert done.returncode == 0
    assert "..." not in done.stdout.partition("Commands:\n")[2]


def test_the_version_is_told() -> None:
    asked = [sys.executable, "-m", "posebatch_producer", "--version"]
    done = subprocess.run(asked, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, f"posebatch {version('posebatch')}\n")


@pytest.mark.parametrize(
    ("command", "left_out"), [("bench", "cv2"), ("dashboard", "nicegui"), ("flower", "flower")]
)
def test_what_is_not_installed_is_named_with_what_to_do(command: str, left_out: str) -> None:
    program = (
        f"import sys; sys.argv = ['posebatch', {command!r}]; sys.modules[{left_out!r}] = None\n"
        "from posebatch_producer.cli import main\n"
        "main()"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 2
    error, advice = done.stderr.splitlines()
    assert error == f"error: {command} needs {left_out}, which is not installed here"
    assert advice.startswith("  Install posebatch[")
