"""ONNX Runtime, imported so that it keeps to itself."""

from __future__ import annotations

import os
from typing import Any


def onnx_runtime() -> Any:
    """The module. Its Linux builds report sessions and device facts to a logging host unless this
    variable is set when the library is loaded; an archive of athletes must not."""
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    return onnxruntime
