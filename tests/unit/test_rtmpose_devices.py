"""Is a device that does not really start refused, and one that fails handled as it should?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
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
from posebatch_workers.trackers import TrackerRequest, auto, create_tracker, proof, providers
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


def test_a_wrong_answer_is_no_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    run = proof.Network.run
    monkeypatch.setattr(proof.Network, "run", lambda *a, **k: [run(*a, **k)[0] + 1])
    with pytest.raises(DeviceUnavailable, match="wrongly"):
        proof.prove("cpu")


def test_auto_tells_why_better_ones_did_not_do() -> None:
    def starts(name: str) -> Any:
        return lambda request: SimpleNamespace(info=SimpleNamespace(name=name), close=lambda: None)

    def fails(request: TrackerRequest) -> Any:
        raise ModelMissing("no weights")

    trackers = dict.fromkeys(auto.ORDER["any"], fails) | {"blazepose": starts("blazepose")}
    name, reasons = auto.resolve(TrackerRequest(quality="fast", device="any"), trackers)
    assert name == "blazepose"
    assert [reason.split(":")[0] for reason in reasons] == list(auto.ORDER["any"][:3])


class FakeSession:
    """A session of a device on which only `fits` items fit, or which fails with `error`."""

    def __init__(self, *, fits: int = 1000, error: str = "") -> None:
        self.fits, self.error = fits, error
        self.batches: list[int] = []

    def get_inputs(self) -> list[Any]:
        return [SimpleNamespace(name="input", shape=["batch", 1, 2, 2])]

    def get_outputs(self) -> list[Any]:
        return [SimpleNamespace(name="output")]

    def get_providers(self) -> list[str]:
        return ["FakeExecutionProvider"]

    def run(self, names: Sequence[str], inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
        batch = inputs["input"]
        if self.error:
            raise RuntimeError(self.error)
        if len(batch) > self.fits:
            raise RuntimeError("BFCArena: Failed to allocate memory for requested buffer")
        self.batches.append(len(batch))
        return [batch.sum(axis=(1, 2, 3))]


def network(session: FakeSession, batch: int = 8) -> BatchedNetwork:
    return BatchedNetwork(session, device="cpu", lanes=1, batch=batch)


def test_exhausted_memory_halves_the_batch_and_loses_nothing() -> None:
    session = FakeSession(fits=3)
    fake = network(session)
    for _ in range(2):
        answers = fake.map(20, lambda item, out: out.fill(item))
        assert [float(answer[0]) for answer in answers] == [4.0 * item for item in range(20)]
    assert fake.batch == 2
    assert max(session.batches) == 2


class OnGpu(BatchedNetwork):
    """Runs as on a GPU, without its memory."""

    def _infer(self, batch: np.ndarray) -> list[np.ndarray]:
        return self._session.run(self._outputs, {self._input: batch})


def test_a_gpu_is_given_batches_of_one_size_since_it_plans_for_each(tmp_path: Path) -> None:
    session = FakeSession()
    network = OnGpu(session, device="cuda", lanes=2, batch=4)
    for count in (1, 4, 6, 0, 3):
        answers = network.map(count, lambda item, out: out.fill(item))
        assert [float(answer[0]) for answer in answers] == [4.0 * item for item in range(count)]
    assert set(session.batches) == {4}


def test_a_gpu_whose_memory_is_exhausted_goes_on_with_smaller_batches(tmp_path: Path) -> None:
    session = FakeSession(fits=3)
    network = OnGpu(session, device="cuda", lanes=1, batch=8)
    for _ in range(2):
        answers = network.map(5, lambda item, out: out.fill(item))
        assert [float(answer[0]) for answer in answers] == [0, 4, 8, 12, 16]
    assert set(session.batches) == {2}


def test_one_item_that_does_not_fit_is_a_lost_device() -> None:
    with pytest.raises(DeviceLost, match="allocate"):
        network(FakeSession(fits=0)).map(1, lambda _, out: out.fill(0))


def test_any_other_failure_is_a_lost_device() -> None:
    with pytest.raises(DeviceLost, match="an illegal memory access"):
        network(FakeSession(error="CUDA failure 700: an illegal memory access")).map(
            4, lambda _, out: out.fill(0)
        )


def test_io_binding_gives_what_a_plain_run_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = markers.simcc_network(tmp_path / "network.onnx")
    loaded = load_batched(path, "cpu", threads=1)
    pictures = np.random.default_rng(2).normal(size=(5, 3, 256, 192)).astype(np.float32)

    def prepare(item: int, out: np.ndarray) -> None:
        out[:] = pictures[item]

    plain = loaded.map(5, prepare)
    real = onnxruntime.OrtValue.ortvalue_from_numpy
    monkeypatch.setattr(onnxruntime.OrtValue, "ortvalue_from_numpy", lambda a, *_: real(a))
    loaded.device, loaded.batch = "cuda", 2
    for _ in range(2):
        for one, other in zip(plain, loaded.map(5, prepare), strict=True):
            assert np.allclose(one[0], other[0], atol=1e-6)
            assert np.allclose(one[1], other[1], atol=1e-6)


def test_a_fixed_batch_axis_is_respected(tmp_path: Path) -> None:
    path = markers.simcc_network(tmp_path / "network.onnx", batch=1)
    session = open_session(path, "cpu")
    assert BatchedNetwork(session, device="cuda", lanes=1, batch=64).batch == 1
