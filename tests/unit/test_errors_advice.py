"""What a person is told to do about an error, wherever its code is shown."""

from __future__ import annotations

import re

import pytest
from typer.main import get_command

from posebatch_producer.commands import app
from posebatch_shared import errors
from posebatch_shared.errors.advice import advice_for, errors_by_code
from posebatch_shared.settings import Settings


@pytest.mark.parametrize("kind", [errors.InternalError, errors.SystemFailure, errors.UsageError])
def test_a_code_of_the_ledger_is_told_with_its_own_advice(
    kind: type[errors.PosebatchError],
) -> None:
    assert advice_for(kind.code) == kind.advice


@pytest.mark.parametrize("code", sorted(errors_by_code()))
def test_advice_names_commands_and_settings_that_there_are(code: str) -> None:
    advice = advice_for(code)
    commands = set(getattr(get_command(app), "commands", ()))
    assert set(re.findall(r"`posebatch (\w+)", advice)) <= commands
    settings = {f"POSEBATCH_{name.upper()}" for name in Settings.model_fields}
    assert set(re.findall(r"POSEBATCH_\w+", advice)) <= settings
    assert advice.endswith(".")
