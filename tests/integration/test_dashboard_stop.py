"""Does the dashboard that is told to stop end as if all were well, for a service manager to see?"""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest

from servers import free_port, running

# Under pytest NiceGUI would behave otherwise than in service.
DASHBOARD = [
    *("env", "-u", "PYTEST_CURRENT_TEST", "-u", "PYTEST_VERSION"),
    *(sys.executable, "-m", "posebatch_ops", "dashboard"),
]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_with_0(number: signal.Signals, tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "dashboard.log"
    with running(
        [*DASHBOARD, "--port", str(port)],
        log=log,
        ready=f"http://127.0.0.1:{port}",
        environment={"POSEBATCH_HOME": str(tmp_path), "POSEBATCH_STORE_URL": ""},
    ) as process:
        process.send_signal(number)
        assert process.wait(60) == 0, log.read_text()
    assert "Traceback" not in log.read_text()
