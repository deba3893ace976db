"""Which network is loaded on which device, and proof that it really runs there."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from posebatch_shared.errors import DeviceLost, ModelCorrupt
from posebatch_workers.trackers.network import Network
from posebatch_workers.trackers.providers import (
    PROVIDERS,
    OrtDevice,
    load_libraries,
    provider_list,
    unavailable,
    usable_cpus,
)

#: Crops per run on a GPU, and how many threads cut them while others run.
GPU_BATCH, GPU_LANES = 64, 4
#: Less of the network than this on the device is not running on it.
MIN_SHARE = 0.5


def create_session(
    path: Path | bytes,
    device: OrtDevice,
    *,
    threads: int | None = None,
    cache: Path | None = None,
) -> Network:
    """The network in file `path`, warm, on `device` and nowhere else.

    `threads` None takes all CPUs of this process. Raises DeviceUnavailable with cause and fix if
    the session runs on another provider than asked for, ModelCorrupt if the file is no network.
    """
    import onnxruntime

    load_libraries(device)
    if PROVIDERS[device] not in onnxruntime.get_available_providers():
        raise unavailable(device)
    session = _open(path, device, cache)
    _require(session, device)
    lanes, batch = _lanes_and_batch(device, threads)
    network = Network(session, device=device, lanes=lanes, batch=batch)
    try:
        network.warm_up()
    except DeviceLost as error:
        raise unavailable(device, str(error)) from error
    return network


def _lanes_and_batch(device: OrtDevice, threads: int | None) -> tuple[int, int]:
    if device in ("cuda", "tensorrt"):
        return GPU_LANES, GPU_BATCH
    return (1 if device == "coreml" else threads or usable_cpus()), 1


def _open(path: Path | bytes, device: OrtDevice, cache: Path | None) -> Any:
    import onnxruntime

    state = onnxruntime.capi.onnxruntime_pybind11_state
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4  # what goes wrong is raised; the rest would fill the log
    options.add_session_config_entry("session.record_ep_graph_assignment_info", "1")
    model = path if isinstance(path, bytes) else str(path)
    shape = _input_spec(model) if device == "tensorrt" else ("", ())
    providers = provider_list(
        device, cache=cache, input_name=shape[0], input_shape=shape[1], max_batch=GPU_BATCH
    )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # its only word on a provider that did not start
            return onnxruntime.InferenceSession(model, options, providers=providers)
    except (state.InvalidProtobuf, state.InvalidGraph, state.NoSuchFile) as error:
        name = path if isinstance(path, Path) else "the network"
        raise ModelCorrupt(f"{name} cannot be loaded: {error}") from error
    except Exception as error:  # onnxruntime has no root class for its errors
        raise unavailable(device, str(error)) from error


def _input_spec(model: str | bytes) -> tuple[str, Sequence[int]]:
    import onnxruntime

    session = onnxruntime.InferenceSession(model, providers=[PROVIDERS["cpu"]])
    spec = session.get_inputs()[0]
    return spec.name, spec.shape[1:]


def _require(session: Any, device: OrtDevice) -> None:
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
