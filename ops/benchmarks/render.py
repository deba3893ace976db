"""How fast is the athlete drawn, and how fast is a clip of him written, on one core?"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from time import process_time

import cv2

from posebatch_workers.athlete.clip import ClipSpec, Shoot, draw_clip

_SPECS = {
    "720×1280": ClipSpec(),
    "720×1280, blur, noise, dark": ClipSpec(exposure_seconds=0.01, noise_sd=6, brightness=0.8),
    "1080×1920": ClipSpec(width=1080, height=1920, fps=30),
    "2160×3840": ClipSpec(width=2160, height=3840, fps=30),
}


def _frames_per_cpu_second(work: Callable[[], int]) -> float:
    started = process_time()
    frames = work()
    return frames / (process_time() - started)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, default=Path(".bench/render.json"))
    out = parser.parse_args().json
    cv2.setNumThreads(1)
    rows = {}
    with tempfile.TemporaryDirectory() as folder:
        clip = Path(folder) / "clip.mp4"
        for name, spec in _SPECS.items():
            drawn = _frames_per_cpu_second(lambda s=spec: sum(1 for _ in Shoot.of(s).frames()))
            written = _frames_per_cpu_second(lambda s=spec: len(draw_clip(s, clip).pts_seconds))
            rows[name] = {"drawn": drawn, "drawn_and_encoded": written, "spec": asdict(spec)}
            print(f"{name:28s} drawn {drawn:6.1f}, with H.264 {written:6.1f} frames/CPU second")
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
