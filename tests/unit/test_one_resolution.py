"""What posebatch works with is one version on every Python, so that tests on one speak for all."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def direct_dependencies() -> Iterator[str]:
    """Names of what a wheel of ours asks for, extras included."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for requirements in (project["dependencies"], *project["optional-dependencies"].values()):
        for requirement in requirements:
            yield re.split(r"[\[<>=~;, ]", requirement)[0]


def test_each_direct_dependency_has_one_version() -> None:
    lock = ROOT / "uv.lock"
    if not lock.exists():
        pytest.skip("uv has not resolved here")
    versions = defaultdict(set)
    for package in tomllib.loads(lock.read_text())["package"]:
        versions[package["name"]].add(package["version"])
    names = set(direct_dependencies())
    assert names <= versions.keys()
    assert {name: versions[name] for name in names if len(versions[name]) > 1} == {}
