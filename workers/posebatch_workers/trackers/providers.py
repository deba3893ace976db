"""How ONNX Runtime is asked for a device, and why it may not have got it."""

from __future__ import annotations

import ctypes
import platform
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import MappingProxyType
from typing import Any

from posebatch_shared.errors import DeviceUnavailable
from posebatch_workers.trackers.runtime import onnx_runtime

ProviderOptions = dict[str, Any]

PROVIDERS: dict[str, str] = {
    "cpu": "CPUExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "tensorrt": "TensorrtExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
}


def provider_list(
    device: str,
    *,
    shapes: Mapping[str, Sequence[Any]] = MappingProxyType({}),
    max_batch: int = 1,
    cache: Path | None = None,
) -> list[tuple[str, ProviderOptions]]:
    """What to pass to InferenceSession; what a device cannot run goes to the CPU.

    For TensorRT: `shapes` of the inputs, batch included, the largest batch, and the folder of
    compiled engines.
    """
    cpu: tuple[str, ProviderOptions] = (PROVIDERS["cpu"], {})
    if device == "cpu":
        return [cpu]
    if device == "coreml":
        # Never run on a Mac by us. One shape per model, or CoreML would compile for every batch.
        apple = {"ModelFormat": "MLProgram", "MLComputeUnits": "ALL"}
        return [(PROVIDERS["coreml"], {**apple, "RequireStaticInputShapes": "1"}), cpu]
    # The default search times every algorithm anew for every shape of its inputs.
    nvidia: ProviderOptions = {"device_id": 0, "cudnn_conv_algo_search": "HEURISTIC"}
    cuda = (PROVIDERS["cuda"], nvidia)
    if device == "cuda":
        return [cuda, cpu]
    return [(PROVIDERS["tensorrt"], _tensorrt(shapes, max_batch, cache)), cuda, cpu]


def _tensorrt(
    shapes: Mapping[str, Sequence[Any]], max_batch: int, cache: Path | None
) -> ProviderOptions:
    """Half precision, engines kept on disk, and one engine for all batches up to the largest."""
    options: ProviderOptions = {"trt_fp16_enable": True}
    if cache is not None:
        for kind in ("engine", "timing"):
            options[f"trt_{kind}_cache_enable"] = True
            options[f"trt_{kind}_cache_path"] = str(cache)
    dynamic = {name: shape for name, shape in shapes.items() if not isinstance(shape[0], int)}
    for limit, batch in (("min", 1), ("opt", max_batch), ("max", max_batch)) if dynamic else ():
        sized = ((name, "x".join(map(str, (batch, *s[1:])))) for name, s in dynamic.items())
        options[f"trt_profile_{limit}_shapes"] = ",".join(f"{n}:{size}" for n, size in sized)
    return options


def load_libraries(device: str) -> None:
    """Let onnxruntime find the CUDA libraries that come as Python packages."""
    if device in ("cuda", "tensorrt"):
        onnxruntime = onnx_runtime()

        if PROVIDERS["cuda"] in onnxruntime.get_available_providers():
            with redirect_stdout(sys.stderr):  # it prints what it misses, and our JSON goes there
                onnxruntime.preload_dlls()


def unavailable(device: str, detail: str = "") -> DeviceUnavailable:
    """The refusal, with the most likely cause and what to do about it."""
    cause, fix = _diagnosis(device)
    said = f" onnxruntime said: {detail}" if detail else ""
    return DeviceUnavailable(f"{device} did not start: {cause}. {fix}.{said}")


def _diagnosis(device: str) -> tuple[str, str]:
    onnxruntime = onnx_runtime()

    built = PROVIDERS[device] in onnxruntime.get_available_providers()
    if device == "coreml":
        if platform.system() != "Darwin":
            return "CoreML exists on macOS only", "Use rtmpose-cpu here"
        return "this onnxruntime was built without CoreML", "Install onnxruntime from PyPI"
    if _installed("onnxruntime") and _installed("onnxruntime-gpu"):
        return (
            "onnxruntime and onnxruntime-gpu are both installed and overwrite each other",
            "Uninstall both, then `uv sync --no-group cpu --extra gpu`",
        )
    if not built:
        return (
            "the installed onnxruntime is a CPU build",
            "Install posebatch[gpu], not [cpu]: `uv sync --no-group cpu --extra gpu`, then start "
            "things by `uv run --no-sync`",
        )
    if not _has_driver():
        return (
            "there is no NVIDIA driver (libcuda)",
            "Install the driver, or use a GPU machine",
        )
    wanted = getattr(onnxruntime, "cuda_version", "") or "its"
    return (
        f"a library of CUDA {wanted}, cuDNN or TensorRT is missing or of another version",
        "Install the versions that onnxruntime-gpu names (pip: onnxruntime-gpu[cuda,cudnn])",
    )


def _installed(distribution: str) -> bool:
    try:
        version(distribution)
    except PackageNotFoundError:
        return False
    return True


def _driver() -> ctypes.CDLL | None:
    name = "nvcuda.dll" if platform.system() == "Windows" else "libcuda.so.1"
    try:
        return ctypes.CDLL(name)
    except OSError:
        return None


def _has_driver() -> bool:
    return _driver() is not None


def device_name(device: str) -> str:
    """The hardware behind a device, as its maker calls it."""
    if device in ("cuda", "tensorrt") and (driver := _driver()) is not None:
        handle, name = ctypes.c_int(), ctypes.create_string_buffer(256)
        if not (driver.cuInit(0) or driver.cuDeviceGet(ctypes.byref(handle), 0)):
            driver.cuDeviceGetName(name, len(name), handle)
            return name.value.decode()
    return _processor()


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
