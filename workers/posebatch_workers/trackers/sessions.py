"""ONNX Runtime sessions that really run where they were asked to."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from numpy.typing import NDArray

from posebatch_shared.errors import DeviceLost, DeviceUnavailable, UsageError

PROVIDERS: Mapping[str, str] = MappingProxyType(
    {
        "cpu": "CPUExecutionProvider",
        "cuda": "CUDAExecutionProvider",
        "coreml": "CoreMLExecutionProvider",
    }
)


class Network:
    """One network on one device. Its provider is that of the session, not the one asked for."""

    def __init__(self, model: bytes | Path, *, device: str = "cpu", threads: int = 1) -> None:
        """Raises DeviceUnavailable if `device` (cpu, cuda, coreml) does not really start.

        `threads` are those of one inference. On a CPU one per process with a process per core
        gives the most frames per second.
        """
        import onnxruntime

        if device not in PROVIDERS:
            raise UsageError(f"No device is called {device}; there are {', '.join(PROVIDERS)}.")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3  # errors; a failed provider is told by what follows
        content = str(model) if isinstance(model, Path) else model
        providers = [PROVIDERS[device]]
        try:
            self._session = onnxruntime.InferenceSession(content, options, providers=providers)
        except Exception as error:  # the runtime's own errors share no root
            raise DeviceUnavailable(f"{providers[0]} does not start: {error}") from error
        self.provider = str(self._session.get_providers()[0])
        if self.provider != providers[0]:
            raise DeviceUnavailable(f"{providers[0]} does not start; {self.provider} ran instead.")
        self.version = str(onnxruntime.__version__)

    def run(self, **inputs: NDArray[Any]) -> list[NDArray[Any]]:
        """All outputs, in the model's order. Raises DeviceLost if the device fails."""
        try:
            return list(self._session.run(None, inputs))
        except Exception as error:  # as above
            raise DeviceLost(f"{self.provider} failed: {error}") from error
