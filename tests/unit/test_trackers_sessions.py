"""A network runs where it was asked to, or it is an error."""

from __future__ import annotations

from unittest.mock import Mock

import numpy as np
import pytest
from onnx import TensorProto, helper

from posebatch_shared.errors import DeviceLost, DeviceUnavailable
from posebatch_workers.trackers.sessions import Network


@pytest.fixture
def doubling() -> bytes:
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        [helper.make_node("Add", ["x", "x"], ["y"])],
        "doubling",
        [value("x", TensorProto.FLOAT, ["N"])],
        [value("y", TensorProto.FLOAT, ["N"])],
    )
    opset = [helper.make_opsetid("", 18)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=9)
    return bytes(model.SerializeToString())


def test_the_cpu_runs_and_says_so(doubling: bytes) -> None:
    network = Network(doubling)
    (answer,) = network.run(x=np.array([1, 2], np.float32))
    assert answer.tolist() == [2, 4]
    assert network.provider == "CPUExecutionProvider"


def test_a_device_that_does_not_start_is_an_error_and_not_a_quiet_cpu(doubling: bytes) -> None:
    import onnxruntime

    if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        pytest.skip("this build may really start CUDA")
    with pytest.raises(DeviceUnavailable, match="cuda did not start"):
        Network(doubling, device="cuda")


def test_a_failing_run_is_a_lost_device(doubling: bytes) -> None:
    with pytest.raises(DeviceLost):
        Network(doubling).run(x=np.array([[1]], np.int64))


def test_a_device_that_fails_in_the_middle_is_not_followed_by_a_quiet_cpu(
    doubling: bytes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from onnxruntime.capi.onnxruntime_pybind11_state import EPFail

    network = Network(doubling)
    failing = Mock(wraps=network._session._sess)
    failing.run.side_effect = EPFail("the device is gone")
    monkeypatch.setattr(network._session, "_sess", failing)
    with pytest.raises(DeviceLost, match="the device is gone"):
        network.run(x=np.array([1, 2], np.float32))
    assert capsys.readouterr().out == ""
