"""Can what `posebatch doctor` says be read and followed?"""

from __future__ import annotations

from rich.console import Console

from posebatch_producer.tables import doctor_table
from posebatch_shared.errors import DeviceUnavailable

FILE = "rtmpose-s_simcc-body7_pt-body7-halpe26_700e-256x192-7f134165_20230605.onnx"


def test_a_long_file_name_is_not_cut_off() -> None:
    check = {"name": "tracker", "ok": False, "detail": f"{FILE} is missing.", "advice": ""}
    machine = {"system": "", "python": "", "cores": 1}
    report = {"checks": [check], "machine": machine, "packages": {"posebatch": "0.1.0"}}
    console = Console(width=80)
    with console.capture() as captured:
        console.print(doctor_table(report))
    assert "…" not in captured.get()


def test_advice_about_a_device_does_not_send_the_reader_to_where_it_is_read() -> None:
    assert "doctor" not in DeviceUnavailable.advice
