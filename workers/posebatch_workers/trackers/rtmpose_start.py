"""Which networks RTMPose is made of at each quality, and how it is started on a device."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

from posebatch_shared.jobs import Preset
from posebatch_shared.results import TrackerInfo
from posebatch_workers.trackers.base import CONFIDENCE, TrackerRequest
from posebatch_workers.trackers.batches import load_batched
from posebatch_workers.trackers.crop import BGR, IMAGENET_BGR
from posebatch_workers.trackers.models import cache_folder, find_model
from posebatch_workers.trackers.proof import prove
from posebatch_workers.trackers.providers import device_name
from posebatch_workers.trackers.rtmpose import RtmPose
from posebatch_workers.trackers.runtime import onnx_runtime
from posebatch_workers.trackers.yolox import PersonDetector


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """The models of a preset, by their names in the registry."""

    pose: str
    detector: str


SIZES: Mapping[Preset, Size] = MappingProxyType(
    {
        "fast": Size(pose="rtmpose-t", detector="yolox-nano"),
        "balanced": Size(pose="rtmpose-s", detector="yolox-tiny"),
        "accurate": Size(pose="rtmpose-m", detector="yolox-m"),
    }
)
RTMDET = "rtmdet-nano"
#: Where the detectors run instead: their suppression is nothing for CoreML, and parts the network
#: for TensorRT, which then wants to know shapes in the middle of it.
DETECTOR_ON: Mapping[str, str] = MappingProxyType({"coreml": "cpu", "tensorrt": "cuda"})


def create(request: TrackerRequest, *, device: str, rtmdet: bool = False) -> RtmPose:
    """A warm tracker on `device` (cpu, cuda, tensorrt, coreml), with RTMDet instead of YOLOX if so.

    Raises ModelMissing, ModelCorrupt, DeviceUnavailable.
    """
    if device != "cpu":
        prove(device)  # before models are looked for, so that a refusal names the real obstacle
    size = SIZES[request.quality]
    find = partial(find_model, model_dir=request.model_dir, fetch=request.fetch)
    detector, pose = find(RTMDET if rtmdet else size.detector), find(size.pose)
    load = partial(load_batched, threads=request.threads, cache=cache_folder())
    found = load(detector.path, DETECTOR_ON.get(device, device), one_by_one=True)
    network = load(pose.path, device)
    confidence = CONFIDENCE[request.quality]
    colours = IMAGENET_BGR if rtmdet else BGR
    return RtmPose(
        PersonDetector(found, confidence=confidence, normalisation=colours),
        network,
        confidence=confidence,
        info=TrackerInfo(
            name="rtmpose-rtmdet" if rtmdet else f"rtmpose-{device}",
            model=f"{pose.name} + {detector.name}",
            model_sha256=f"{pose.sha256}+{detector.sha256}",
            device=device_name(device),
            provider=network.provider,
            versions={"onnxruntime": str(onnx_runtime().__version__)},
        ),
    )
