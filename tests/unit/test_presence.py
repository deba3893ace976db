"""What a worker tells of its GPU, whatever nvidia-smi says."""

from __future__ import annotations

from pathlib import Path

import pytest

from posebatch_workers.owner import Owner
from posebatch_workers.presence import gpu


@pytest.fixture
def smi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program of that name, first on the PATH."""
    program = tmp_path / "nvidia-smi"
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    return program


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("echo 87, 1024", {"gpu_utilization": 0.87, "gpu_memory_bytes": 2.0**30}),
        ("echo '[N/A], 1024'", {"gpu_memory_bytes": 2.0**30}),
        ("echo '[N/A], [Insufficient Permissions]'", {}),
        ("exit 9", {}),
        ("true", {}),
    ],
)
def test_what_it_does_not_tell_is_left_out(smi: Path, said: str, told: dict[str, float]) -> None:
    smi.write_text(f"#!/bin/sh\n{said}\n")
    smi.chmod(0o755)
    assert gpu(Owner.current("gpu")) == pytest.approx(told)


def test_the_visible_gpu_is_asked_for(smi: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    smi.write_text('#!/bin/sh\nfor last; do :; done\necho "$last, 0"\n')
    smi.chmod(0o755)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3,1")
    assert gpu(Owner.current("gpu"))["gpu_utilization"] == pytest.approx(0.03)
