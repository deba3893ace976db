"""What kinemotion 0.82, the nearest peer, says about the same clips; it runs in its own process."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: Its squat jump asks for a body mass, which moves no time.
COMMANDS = {
    "cmj": ("cmj-analyze",),
    "squat-jump": ("sj-analyze", "--mass", "75"),
    "drop-jump": ("dropjump-analyze",),
}
UV = ["uv", "run", "--no-project", "--with", "kinemotion==0.82.0", "kinemotion"]
LONGEST_SECONDS = 180


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerAnswer:
    """Flight and contact time of the peer's one jump, None where it gives none."""

    flight_time_seconds: float | None
    contact_time_seconds: float | None
    failure: str | None


def ask(clip: Path, kind: str, cache: Path) -> PeerAnswer:
    """The peer's answer, from the cache if it was asked before; it must be told the kind."""
    kept = cache / f"{clip.stem}.kinemotion.json"
    if not kept.exists():
        kept.write_text(json.dumps(_run(clip, COMMANDS.get(kind, COMMANDS["cmj"]))))
    return _answer(json.loads(kept.read_text()))


def _run(clip: Path, command: Sequence[str]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="posebatch-peer-") as folder:
        out = Path(folder) / "answer.json"
        try:
            done = subprocess.run(
                [*UV, *command, str(clip), "--json-output", str(out)],
                capture_output=True,
                text=True,
                timeout=LONGEST_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return {"failure": "timeout"}
        if not out.exists():
            return {"failure": (done.stderr or done.stdout).strip()[-200:] or "no answer"}
        answer: dict[str, Any] = json.loads(out.read_text())
        return answer


def _answer(document: dict[str, Any]) -> PeerAnswer:
    data = document.get("data", {})
    return PeerAnswer(
        flight_time_seconds=_seconds(data, "flight_time_ms"),
        contact_time_seconds=_seconds(data, "ground_contact_time_ms"),
        failure=document.get("failure"),
    )


def _seconds(data: dict[str, Any], name: str) -> float | None:
    value = data.get(name)
    return None if value is None else float(value) / 1000
