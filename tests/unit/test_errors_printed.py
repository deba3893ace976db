"""What one process of ours says, another hears, whatever libraries write in between."""

from __future__ import annotations

import pytest

from posebatch_producer.processes import WORKERS, ask
from posebatch_shared.errors import DeviceUnavailable, PosebatchError
from posebatch_shared.errors.printed import last_error, say


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
