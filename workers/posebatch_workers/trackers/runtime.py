"""Other people's runtimes, imported so that they keep to themselves."""

from __future__ import annotations

import os
import sys
from types import ModuleType
from typing import Any


def onnx_runtime() -> Any:
    """ONNX Runtime. Its Linux builds report sessions and device facts to a logging host unless this
    variable is set when the library is loaded; an archive of athletes must not."""
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    return onnxruntime


def media_pipe() -> Any:
    """MediaPipe, without the matplotlib that it imports for a plot which nobody here draws: that
    takes longer than all the rest."""
    absent = [name for name in ("matplotlib", "matplotlib.pyplot") if name not in sys.modules]
    sys.modules.update((name, ModuleType(name)) for name in absent)
    try:
        import mediapipe
    finally:
        for name in absent:
            del sys.modules[name]
    return mediapipe
