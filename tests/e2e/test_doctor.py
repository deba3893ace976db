"""`posebatch doctor` says what works here, and what would keep a run from working."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from command import Command


def checks(report: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {check["name"]: check for check in report["checks"]}


def test_a_machine_that_works_is_ready(command: Command) -> None:
    report = command.json("doctor", "--json")
    found = checks(report)
    assert report["ready"] is True
    for name in ("broker", "ledger", "decoder", "device cpu", "tracker blazepose"):
        assert found[name]["ok"], found[name]
    for check in report["checks"]:
        assert check["detail"]
        assert bool(check["advice"]) is not check["ok"], "advice for whatever does not work"


def test_what_is_missing_is_named(command: Command) -> None:
    away = {"POSEBATCH_STORE_URL": "postgresql://nobody@127.0.0.1:1/none"}
    report = replace(command, environment=away).json("doctor", "--json", exit_code=1)
    assert report["ready"] is False
    assert not checks(report)["ledger"]["ok"]
    assert checks(report)["decoder"]["ok"]
