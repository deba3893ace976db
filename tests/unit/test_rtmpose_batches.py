"""Do batches come back whole and in order, whatever fits the device?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import onnxruntime
import pytest

from networks import markers
from posebatch_shared.errors import DeviceLost
from posebatch_workers.trackers.batches import BatchedNetwork, load_batched
from posebatch_workers.trackers.sessions import open_session


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
