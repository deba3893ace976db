"""Other people's packages are imported without what they would bring along."""

from __future__ import annotations

import subprocess
import sys


def test_mediapipe_comes_without_matplotlib_and_leaves_it_usable() -> None:
    program = (
        "import sys\n"
        "from posebatch_workers.trackers.runtime import media_pipe\n"
        "print(media_pipe().tasks.vision.PoseLandmarker.__name__)\n"
        "print([name for name in sys.modules if name.partition('.')[0] == 'matplotlib'])\n"
        "import matplotlib.pyplot as plot\n"
        "print(callable(plot.figure))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[:3] == ["PoseLandmarker", "[]", "True"]
