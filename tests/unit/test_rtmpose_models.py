"""Is a network that is published inside an archive fetched as the network?"""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from posebatch_shared.errors import ModelMissing
from posebatch_workers.trackers import models
from posebatch_workers.trackers.models import Model, find_model


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An archive that the registry names as the source of `packed`."""
    archive = tmp_path / "network.zip"
    entry = Model(name="packed", file="network.onnx", licence="Apache-2.0", source=archive.as_uri())
    monkeypatch.setattr(models, "registry", lambda: {"packed": entry})
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return archive


def test_the_network_inside_is_kept_under_its_registered_name(published: Path) -> None:
    with zipfile.ZipFile(published, "w") as archive:
        archive.writestr("folder/end2end.onnx", b"the network")
        archive.writestr("folder/detail.json", b"{}")
    found = find_model("packed")
    assert found.path.name == "network.onnx"
    assert found.path.read_bytes() == b"the network"
    assert find_model("packed", fetch=False) == found


def test_without_a_network_it_is_said_what_to_take_out_of_the_archive(published: Path) -> None:
    inside = rf"the \.onnx file inside {published.as_uri()}, renamed"
    with pytest.raises(ModelMissing, match=inside):
        find_model("packed", fetch=False)


@pytest.mark.parametrize("content", [b"not an archive", None])
def test_an_archive_that_is_none_leaves_nothing_behind(
    published: Path, content: bytes | None
) -> None:
    if content is None:
        with zipfile.ZipFile(published, "w") as archive:
            archive.writestr("detail.json", b"{}")
    else:
        published.write_bytes(content)
    with pytest.raises(ModelMissing, match=r"network\.onnx"):
        find_model("packed")
    assert list(models.cache_folder().iterdir()) == []
