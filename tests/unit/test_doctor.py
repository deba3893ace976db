"""Can what `posebatch doctor` says be read and followed?"""

from __future__ import annotations

import pytest

from posebatch_producer.printing import print_doctor
from posebatch_shared.errors import DeviceUnavailable

SOURCE = "https://models.example/rtmpose-s_simcc-body7_pt-body7-halpe26_700e-256x192-7f134165.onnx"


def test_an_address_is_in_one_piece_to_be_copied(capsys: pytest.CaptureFixture[str]) -> None:
    check = {"name": "tracker", "ok": False, "detail": f"Missing, from {SOURCE}.", "advice": "Do."}
    machine = {"system": "", "python": "", "cores": 1}
    report = {"checks": [check], "machine": machine, "packages": {"posebatch": "0.1.0"}}
    print_doctor({**report, "ready": True}, as_json=False)
    assert f"no  tracker: Missing, from {SOURCE}.\n     Do.\n" in capsys.readouterr().out


def test_advice_about_a_device_does_not_send_the_reader_to_where_it_is_read() -> None:
    assert "doctor" not in DeviceUnavailable.advice
