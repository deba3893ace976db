"""ONNX Runtime sessions that really run where they were asked to."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from posebatch_shared.errors import DeviceLost, ModelCorrupt, UsageError
from posebatch_workers.trackers.providers import (
    PROVIDERS,
    load_libraries,
    provider_list,
    unavailable,
)
from posebatch_workers.trackers.runtime import onnx_runtime

#: Less of the network than this on the device is not running on it.
MIN_SHARE = 0.5


class Network:
    """One network on one device, called with whole inputs."""

    def __init__(self, model: bytes | Path, *, device: str = "cpu", threads: int = 1) -> None:
        """Raises DeviceUnavailable if `device` (cpu, cuda, coreml) does not really start.

        `threads` are those of one inference. On a CPU one per process with a process per core
        gives the most frames per second.
        """
        onnxruntime = onnx_runtime()

        self._session = open_session(model, device, threads=threads)
        self.provider = str(self._session.get_providers()[0])
        self.version = str(onnxruntime.__version__)

    def run(self, **inputs: NDArray[Any]) -> list[NDArray[Any]]:
        """All outputs, in the model's order. Raises DeviceLost if the device fails."""
        try:
            return list(self._session.run(None, inputs))
        except Exception as error:  # the runtime's own errors share no root
            raise DeviceLost(f"{self.provider} failed: {error}") from error


def open_session(
    model: bytes | Path,
    device: str,
    *,
    threads: int = 1,
    max_batch: int = 1,
    cache: Path | None = None,
) -> Any:
    """An InferenceSession on `device` (cpu, cuda, tensorrt, coreml) and nowhere else.

    `max_batch` and `cache`, the folder of its compiled engines, are for TensorRT. Raises
    DeviceUnavailable with cause and fix if the session runs on another provider than asked for,
    ModelCorrupt if the file is no network, UsageError for a device that is on no list.
    """
    onnxruntime = onnx_runtime()

    if device not in PROVIDERS:
        raise UsageError(f"No device is called {device}; there are {', '.join(PROVIDERS)}.")
    load_libraries(device)
    if PROVIDERS[device] not in onnxruntime.get_available_providers():
        raise unavailable(device)
    content = model if isinstance(model, bytes) else str(model)
    shapes = _inputs(content) if device == "tensorrt" else {}
    if cache is not None:
        cache.mkdir(parents=True, exist_ok=True)
    providers = provider_list(device, shapes=shapes, max_batch=max_batch, cache=cache)
    session = _open(content, providers, device=device, threads=threads)
    _require(session, device)
    return session


def _open(content: bytes | str, providers: list[Any], *, device: str, threads: int) -> Any:
    onnxruntime = onnx_runtime()

    state = onnxruntime.capi.onnxruntime_pybind11_state
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    # Threads that spin while they wait take the CPU from the crops of the other network.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 4  # what goes wrong is raised; the rest would fill the log
    options.add_session_config_entry("session.record_ep_graph_assignment_info", "1")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # its only word on a provider that did not start
            # Its fallback would carry on elsewhere, with nothing but words on stdout.
            return onnxruntime.InferenceSession(
                content, options, providers=providers, enable_fallback=False
            )
    except (state.InvalidProtobuf, state.InvalidGraph, state.NoSuchFile) as error:
        name = content if isinstance(content, str) else "The network"
        raise ModelCorrupt(f"{name} cannot be loaded: {error}") from error
    except Exception as error:  # the runtime's own errors share no root
        raise unavailable(device, str(error)) from error


def _inputs(content: bytes | str) -> dict[str, tuple[Any, ...]]:
    """Name → shape of every input, batch included; read on the CPU."""
    session = _open(content, [PROVIDERS["cpu"]], device="cpu", threads=1)
    return {spec.name: tuple(spec.shape) for spec in session.get_inputs()}


def _require(session: Any, device: str) -> None:
    """The provider really in use, and the share of the network's nodes that it took."""
    in_use = session.get_providers()[0]
    if in_use != PROVIDERS[device]:
        raise unavailable(device, f"the session runs on {in_use}")
    share = share_on(session, PROVIDERS[device])
    if share < MIN_SHARE:
        raise unavailable(device, f"only {share:.0%} of the network's nodes run there")


def share_on(session: Any, provider: str) -> float:
    """Share of the nodes that were assigned to `provider`, 0–1."""
    parts = session.get_provider_graph_assignment_info()
    counts = [(part.ep_name, len(part.get_nodes())) for part in parts]
    return sum(n for name, n in counts if name == provider) / max(1, sum(n for _, n in counts))
