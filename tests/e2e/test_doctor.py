"""`posebatch doctor` says what works here, and what would keep a run from working."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from command import Command
from posebatch_shared.errors import ArtifactsUnavailable, RootUnavailable, SystemFailure


def checks(report: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {check["name"]: check for check in report["checks"]}


def test_a_machine_that_works_is_ready(command: Command) -> None:
    report = command.json("doctor", "--json")
    found = checks(report)
    assert report["ready"] is True
    for name in ("root local", "broker", "ledger", "decoder", "device cpu", "tracker blazepose"):
        assert found[name]["ok"], found[name]
    for name, place in (("home", command.home), ("artifacts", command.home / "artifacts")):
        detail = found[name]["detail"]
        assert re.fullmatch(rf"{place} can be written, \d+\.\d GiB free", detail), detail
    for check in report["checks"]:
        assert check["detail"]
        assert bool(check["advice"]) is not check["ok"], "advice for whatever does not work"


def test_what_is_missing_is_named(command: Command) -> None:
    away = {"POSEBATCH_STORE_URL": "postgresql://nobody@127.0.0.1:1/none"}
    report = replace(command, environment=away).json("doctor", "--json", exit_code=1)
    assert report["ready"] is False
    assert not checks(report)["ledger"]["ok"]
    assert checks(report)["decoder"]["ok"]


def test_roots_that_are_away_and_places_that_cannot_be_written_are_named(
    command: Command, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "full/clips").mkdir(parents=True)
    (tmp_path / "file").touch()
    roots = {
        "here": tmp_path / "full",
        "unmounted": tmp_path / "empty",
        "gone": tmp_path / "nowhere",
        "bucket": "memory://nowhere",
    }
    away = {
        "POSEBATCH_ROOTS": ",".join(f"{name}={place}" for name, place in roots.items()),
        "POSEBATCH_ARTIFACTS_URL": str(tmp_path / "file/artifacts"),
        "POSEBATCH_HOME": str(tmp_path / "file/home"),
    }
    report = replace(command, environment=away).json("doctor", "--json", exit_code=1)
    found = checks(report)
    assert report["ready"] is False
    assert found["root here"]["ok"], found["root here"]
    for name in ("unmounted", "gone", "bucket"):
        assert found[f"root {name}"]["advice"] == RootUnavailable.advice
        assert str(roots[name]) in found[f"root {name}"]["detail"]
    assert found["artifacts"]["advice"] == ArtifactsUnavailable.advice
    assert found["home"]["advice"] == found["ledger"]["advice"] == SystemFailure.advice
