"""Where a model's file lies, and whether it is the file that it should be."""

from __future__ import annotations

import hashlib
import os
import tomllib
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from http.client import HTTPException
from importlib.resources import files
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from shutil import copyfileobj
from tempfile import NamedTemporaryFile
from types import MappingProxyType
from typing import IO
from zipfile import BadZipFile, ZipFile

from posebatch_shared.errors import ModelCorrupt, ModelMissing, UsageError

CONNECT_TIMEOUT_SECONDS = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One entry of models.toml."""

    name: str
    file: str
    licence: str
    sha256: str | None = None  #: None where nobody has published it
    source: str | None = None  #: https address of the file itself; None: must be put there by hand
    package: str | None = None  #: an installed package that carries the file
    package_file: str | None = None  #: and where inside it


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFile:
    """A model that is here, with the sha256 of its content."""

    name: str
    path: Path
    sha256: str


@cache
def registry() -> Mapping[str, Model]:
    """All models, by name."""
    entries = tomllib.loads(files(__package__).joinpath("models.toml").read_text("utf-8"))
    return MappingProxyType({name: Model(name=name, **entry) for name, entry in entries.items()})


def registered(name: str) -> Model:
    """The model of this name. Raises UsageError."""
    if name not in registry():
        raise UsageError(f"no model {name!r}; there are {', '.join(registry())}")
    return registry()[name]


def cache_folder() -> Path:
    """Where downloads are kept, and what is derived from models: the XDG cache folder."""
    root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(root) / "posebatch" / "models"


def find_model(name: str, *, model_dir: Path | None = None, fetch: bool = True) -> ModelFile:
    """The file of model `name`: in `model_dir`, the cache folder, a package, or by download.

    Raises ModelCorrupt if the first file found has the wrong sha256, ModelMissing if there is none.
    """
    model = registered(name)
    for path in _places(model, model_dir):
        if path.is_file():
            return ModelFile(name=name, path=path, sha256=_checked_sha256(model, path, path))
    if fetch and model.source:
        return _download(model, model.source)
    raise ModelMissing(_advice(model, model_dir))


def _places(model: Model, model_dir: Path | None) -> Iterator[Path]:
    if model_dir is not None:
        yield model_dir / model.file
    yield cache_folder() / model.file
    # find_spec of a top-level name runs none of the package's code.
    spec = find_spec(model.package) if model.package else None
    for folder in (spec and spec.submodule_search_locations) or ():
        yield Path(folder) / (model.package_file or model.file)


def _checked_sha256(model: Model, path: Path, origin: Path | str) -> str:
    """Of the file at `path`, which is from `origin`. Raises ModelCorrupt if it is not the model."""
    with path.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    if model.sha256 and sha256 != model.sha256:
        raise ModelCorrupt(f"{origin} has sha256 {sha256}, but {model.name} is {model.sha256}.")
    return sha256


def _download(model: Model, source: str) -> ModelFile:
    try:
        return _fetched(model, source)
    except (OSError, HTTPException, BadZipFile, ValueError, ModelCorrupt) as error:
        reason = str(getattr(error, "reason", error)).strip(". ")
        raise ModelMissing(f"{_advice(model, None)} Fetching it failed: {reason}.") from error


def _fetched(model: Model, source: str) -> ModelFile:
    """Into the cache folder, under its final name only once it is whole and right."""
    folder = cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=folder, prefix=model.file, delete=False) as part:
        path = Path(part.name)
        try:
            with urllib.request.urlopen(source, timeout=CONNECT_TIMEOUT_SECONDS) as answer:  # noqa: S310
                copyfileobj(answer, part)
            if source.endswith(".zip"):
                _unpack(path, part)
            part.flush()
            sha256 = _checked_sha256(model, path, source)
            path.rename(folder / model.file)
        finally:
            path.unlink(missing_ok=True)
    return ModelFile(name=model.name, path=folder / model.file, sha256=sha256)


def _unpack(path: Path, part: IO[bytes]) -> None:
    """Replace the archive in `part`, which is the file at `path`, by the network inside."""
    part.flush()
    with ZipFile(BytesIO(path.read_bytes())) as archive:
        (inside,) = (name for name in archive.namelist() if name.endswith(".onnx"))
        part.seek(0)
        part.truncate()
        part.write(archive.read(inside))


def _advice(model: Model, model_dir: Path | None) -> str:
    where = f"Put it into {model_dir or cache_folder()}"
    return f"{model.file} ({model.name}) is missing. {where}{_origin(model.source)}."


def _origin(source: str | None) -> str:
    if source and source.endswith(".zip"):
        return f": it is the .onnx file inside {source}, renamed"
    return f", from {source}" if source else ""
