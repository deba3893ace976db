"""Running a loaded network from several threads, in batches that fit its device."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from posebatch_shared.errors import DeviceLost
from posebatch_shared.poses import Floats
from posebatch_shared.tuning import usable_cpus
from posebatch_workers.trackers.providers import unavailable
from posebatch_workers.trackers.runtime import onnx_runtime
from posebatch_workers.trackers.sessions import open_session

Outputs = list[NDArray[Any]]
#: Writes the input (C, H, W) of the item with this number.
Prepare = Callable[[int, Floats], None]

GPUS = ("cuda", "tensorrt")
#: Items per run on a GPU, as many as a call of the pipeline brings pictures, and how many threads
#: cut them while others run.
GPU_BATCH, GPU_LANES = 16, 4
#: What onnxruntime and CUDA say when memory is exhausted.
_MEMORY = ("out of memory", "failed to allocate memory", "alloc_failed", "bfcarena")


class BatchedNetwork:
    """A session and the lanes that feed it.

    On the CPU each lane is a thread that runs whole pictures by itself, which beats splitting every
    layer over the threads; on a GPU each run is a batch, filled up where items are few, since cuDNN
    plans every layer anew whenever the size changes.
    """

    def __init__(self, session: Any, *, device: str, lanes: int, batch: int) -> None:
        spec = session.get_inputs()[0]
        self.device = device
        self.provider = str(session.get_providers()[0])
        self.input_shape: tuple[int, int, int] = tuple(spec.shape[1:])
        self.batch = batch if isinstance(spec.shape[0], str | None) else 1
        self._session, self._input = session, spec.name
        self._outputs = [output.name for output in session.get_outputs()]
        self._pool = ThreadPoolExecutor(lanes, thread_name_prefix="network")
        self._lane = threading.local()

    @property
    def _is_gpu(self) -> bool:
        return self.device in GPUS

    def map(self, count: int, prepare: Prepare) -> list[Outputs]:
        """Answers of `count` items, each without its batch axis, in order. Raises DeviceLost."""
        size = self.batch  # another lane may find that it is too large, and change it
        futures = [
            self._pool.submit(self._chunk, start, min(size, count - start), prepare)
            for start in range(0, count, size)
        ]
        return [answer for future in futures for answer in future.result()]

    def warm_up(self) -> None:
        """Run a full batch, which pays for what is set up lazily."""
        self.map(self.batch, lambda _, out: out.fill(0.0))

    def close(self) -> None:
        """Free the session."""
        self._pool.shutdown(cancel_futures=True)
        del self._session

    def _chunk(self, start: int, count: int, prepare: Prepare) -> list[Outputs]:
        batch = self._buffer(max(count, self.batch) if self._is_gpu else count)
        for row in range(count):
            prepare(start + row, batch[row])
        return list(islice(self._run(batch), count))

    def _buffer(self, count: int) -> Floats:
        """This lane's own input memory, used again and again."""
        buffer: Floats | None = getattr(self._lane, "buffer", None)
        if buffer is None or len(buffer) < count:
            buffer = np.empty((count, *self.input_shape), np.float32)
            self._lane.buffer = buffer
        return buffer[:count]

    def _run(self, batch: Floats) -> Iterator[Outputs]:
        """Item by item answers; a batch that does not fit the device's memory is run in halves."""
        try:
            outputs = self._infer(batch)
        except Exception as error:  # onnxruntime has no root class for its errors
            half = len(batch) // 2
            if not half or not any(word in str(error).lower() for word in _MEMORY):
                raise DeviceLost(f"{self.provider} failed: {error}") from error
            self.batch = min(self.batch, half)
            yield from self._run(batch[:half])
            yield from self._run(batch[half:])
            return
        for row in range(len(batch)):
            yield [output[row] for output in outputs]

    def _infer(self, batch: Floats) -> Outputs:
        if not self._is_gpu:
            return list(self._session.run(self._outputs, {self._input: batch}))
        binding = self._session.io_binding()
        binding.bind_ortvalue_input(self._input, self._on_device(batch))
        for name in self._outputs:
            binding.bind_output(name, "cpu")
        self._session.run_with_iobinding(binding)
        return list(binding.copy_outputs_to_cpu())

    def _on_device(self, batch: Floats) -> Any:
        """The batch in this lane's device memory, which is kept while the size stays the same."""
        kept = getattr(self._lane, "kept", None)
        if kept is not None and kept.shape()[0] == len(batch):
            kept.update_inplace(batch)
        else:
            kept = onnx_runtime().OrtValue.ortvalue_from_numpy(batch, "cuda", 0)
            self._lane.kept = kept
        return kept


def load_batched(
    path: Path,
    device: str,
    *,
    threads: int | None = None,
    one_by_one: bool = False,
    cache: Path | None = None,
) -> BatchedNetwork:
    """The network in file `path`, warm, on `device` and nowhere else.

    `threads` None takes all CPUs of this process. On the CPU they share the items among them, or
    each item if those come `one_by_one`; on a GPU such items make no batches. Raises
    DeviceUnavailable, ModelCorrupt.
    """
    threads = threads or usable_cpus()
    inner = threads if one_by_one and device == "cpu" else 1
    batch = GPU_BATCH if device in GPUS and not one_by_one else 1
    session = open_session(path, device, threads=inner, max_batch=batch, cache=cache)
    lanes = {"cpu": threads // inner, "coreml": 1}.get(device, GPU_LANES)
    network = BatchedNetwork(session, device=device, lanes=lanes, batch=batch)
    try:
        network.warm_up()
    except DeviceLost as error:
        raise unavailable(device, str(error)) from error
    return network
