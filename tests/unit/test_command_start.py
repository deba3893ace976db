"""The command starts quickly because it imports no ML package, no Celery and no numpy."""

from __future__ import annotations

import subprocess
import sys

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
