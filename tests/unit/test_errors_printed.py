"""What one process of ours says, another hears, whatever libraries write in between."""

from __future__ import annotations

import pytest

from posebatch_producer.processes import WORKERS, ask
from posebatch_shared.errors import (
    ArtifactsUnavailable,
    DeviceUnavailable,
    PosebatchError,
    StoreUnavailable,
    UsageError,
)
from posebatch_shared.errors.printed import heard, last_error, say


def test_an_error_is_heard_among_the_words_of_libraries(capsys: pytest.CaptureFixture[str]) -> None:
    say(DeviceUnavailable("cuda did not start"))
    said = capsys.readouterr().err
    assert said.splitlines()[1] == f"  {DeviceUnavailable.advice}"
    warning = "[W:onnxruntime:Default] No registered plugin device found\n"
    assert last_error(warning + said + "free(): invalid pointer\n") == "cuda did not start"


@pytest.mark.parametrize(
    ("output", "heard"),
    [("Traceback\nKeyError: 'x'\n", "KeyError: 'x'"), ("", "without a word")],
)
def test_a_process_that_dies_otherwise_is_quoted(output: str, heard: str) -> None:
    assert last_error(output) == heard


def test_what_a_failing_process_said_is_there_for_debug() -> None:
    with pytest.raises(PosebatchError) as caught:
        ask(WORKERS, ["nothing"])
    assert "No such command 'nothing'" in "\n".join(caught.value.__notes__)


@pytest.mark.parametrize("error", [StoreUnavailable("down"), ArtifactsUnavailable("no answer")])
def test_an_error_of_ours_is_heard_as_what_it_is(
    error: PosebatchError, capsys: pytest.CaptureFixture[str]
) -> None:
    """So that whoever asked reads what to do about it."""
    say(error)
    back = heard(f"a library's word\n{capsys.readouterr().err}another\n")
    assert (type(back), str(back)) == (type(error), str(error))


def test_whoever_asks_a_process_of_ours_gets_its_error(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POSEBATCH_STORE_URL", sqlite_url)
    with pytest.raises(UsageError, match="no run 7"):
        ask(WORKERS, ["reanalyze", "7"])


def test_what_is_no_error_of_ours_is_heard_as_a_defect() -> None:
    back = heard("Traceback (most recent call last):\nValueError: 7\n")
    assert (type(back), str(back)) == (PosebatchError, "ValueError: 7")
