"""Is a device that does not really start refused, and one that fails handled as it should?"""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import onnxruntime
import pytest

from networks import markers
from posebatch_shared.errors import (
    DeviceLost,
    DeviceUnavailable,
    ModelCorrupt,
    ModelMissing,
    UsageError,
)
from posebatch_workers.trackers import (
    TrackerRequest,
    auto,
    create_tracker,
    proof,
    providers,
    sessions,
)
from posebatch_workers.trackers.batches import BatchedNetwork, load_batched
from posebatch_workers.trackers.sessions import open_session

HAS_CUDA = "CUDAExecutionProvider" in onnxruntime.get_available_providers()
without_cuda = pytest.mark.skipif(HAS_CUDA, reason="this onnxruntime has CUDA")


@without_cuda
@pytest.mark.parametrize("name", ["rtmpose-cuda", "gpu", "rtmpose-tensorrt"])
def test_cuda_without_cuda_is_refused_with_cause_and_fix(name: str, tmp_path: Path) -> None:
    with pytest.raises(DeviceUnavailable, match=r"CPU build.*Install posebatch\[gpu\]"):
        create_tracker(name, quality="fast", model_dir=tmp_path)


@pytest.mark.skipif(__import__("sys").platform == "darwin", reason="CoreML is there")
def test_coreml_elsewhere_is_refused() -> None:
    with pytest.raises(DeviceUnavailable, match="macOS only"):
        create_tracker("rtmpose-coreml", quality="fast")


def test_a_session_that_landed_on_the_cpu_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """onnxruntime lists the provider, creates the session without it, and raises nothing."""
    path = markers.simcc_network(tmp_path / "network.onnx")
    listed = ["CUDAExecutionProvider", "CPUExecutionProvider"]
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: listed)
    monkeypatch.setattr(onnxruntime, "preload_dlls", lambda: None)
    with pytest.raises(DeviceUnavailable, match="the session runs on CPUExecutionProvider"):
        open_session(path, "cuda")


@pytest.mark.parametrize(
    ("installed", "driver", "cause"),
    [
        ({"onnxruntime", "onnxruntime-gpu"}, True, "overwrite each other"),
        ({"onnxruntime-gpu"}, False, "no NVIDIA driver"),
        ({"onnxruntime-gpu"}, True, "cuDNN"),
    ],
)
def test_the_cause_is_told(
    monkeypatch: pytest.MonkeyPatch, installed: set[str], driver: bool, cause: str
) -> None:
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: ["CUDAExecutionProvider"])
    monkeypatch.setattr(providers, "_installed", lambda name: name in installed)
    monkeypatch.setattr(providers, "_has_driver", lambda: driver)
    assert cause in str(providers.unavailable("cuda"))


def test_coreml_and_tensorrt_are_asked_for_as_their_pages_say(tmp_path: Path) -> None:
    names = [name for name, _ in providers.provider_list("coreml")]
    assert names == ["CoreMLExecutionProvider", "CPUExecutionProvider"]
    assert providers.provider_list("coreml")[0][1]["ModelFormat"] == "MLProgram"
    shapes = {"input": ("batch", 3, 256, 192), "fixed": (1, 4)}
    name, options = providers.provider_list(
        "tensorrt", shapes=shapes, max_batch=64, cache=tmp_path
    )[0]
    assert name == "TensorrtExecutionProvider"
    assert options["trt_engine_cache_path"] == str(tmp_path)
    assert options["trt_profile_min_shapes"] == "input:1x3x256x192"
    assert options["trt_profile_max_shapes"] == "input:64x3x256x192"


def test_a_file_that_is_no_network_is_named(tmp_path: Path) -> None:
    path = tmp_path / "broken.onnx"
    path.write_bytes(b"not a network")
    with pytest.raises(ModelCorrupt, match=r"broken\.onnx"):
        load_batched(path, "cpu")


def test_an_unknown_device_is_wrong_use() -> None:
    with pytest.raises(UsageError, match="abacus"):
        proof.prove("abacus")


def test_the_cpu_is_proved_by_an_answer() -> None:
    proved = proof.prove_tag("cpu")
    assert (proved.device, proved.provider) == ("cpu", "CPUExecutionProvider")
    assert proved.device_name
    assert proved.warmup_ms > 0


@without_cuda
def test_a_gpu_worker_on_a_cpu_refuses_unless_fallback_is_allowed() -> None:
    with pytest.raises(DeviceUnavailable, match="CPU build"):
        proof.prove_tag("gpu")
    proved = proof.prove_tag("gpu", allow_fallback=True)
    assert proved.device == "cpu"
    assert any("cuda did not start" in reason for reason in proved.reasons)


def test_a_session_that_leaves_most_of_the_network_to_the_cpu_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = markers.simcc_network(tmp_path / "network.onnx")
    monkeypatch.setattr(sessions, "share_on", lambda *_: 0.3)
    with pytest.raises(DeviceUnavailable, match="only 30% of the network's nodes"):
        open_session(path, "cpu")


def test_a_device_lost_in_its_proof_or_at_the_first_run_did_not_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def gone(*_: object, **__: object) -> None:
        raise DeviceLost("an illegal memory access")

    monkeypatch.setattr(proof.Network, "run", gone)
    with pytest.raises(DeviceUnavailable, match="an illegal memory access"):
        proof.prove("cpu")
    monkeypatch.setattr(BatchedNetwork, "map", gone)
    with pytest.raises(DeviceUnavailable, match="an illegal memory access"):
        load_batched(markers.simcc_network(tmp_path / "network.onnx"), "cpu")


def test_a_wrong_answer_is_no_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    run = proof.Network.run
    monkeypatch.setattr(proof.Network, "run", lambda *a, **k: [run(*a, **k)[0] + 1])
    with pytest.raises(DeviceUnavailable, match="wrongly"):
        proof.prove("cpu")


def test_auto_tells_why_better_ones_did_not_do() -> None:
    def starts(name: str) -> Any:
        return lambda request: SimpleNamespace(info=SimpleNamespace(name=name))

    def fails(request: TrackerRequest) -> Any:
        raise ModelMissing("no weights")

    trackers = dict.fromkeys(auto.ORDER["any"], fails) | {"blazepose": starts("blazepose")}
    tracker, reasons = auto.start(TrackerRequest(quality="fast", device="any"), trackers)
    assert tracker.info.name == "blazepose"
    assert [reason.split(":")[0] for reason in reasons] == list(auto.ORDER["any"][:3])
