"""Archives of decades hold files whose names are not text, very long, or hostile."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from command import Command

ODD = {
    "latin-1": b"\xdcbung.mp4",
    "as long as can be": b"a" * 251 + b".mp4",
    "commands for a terminal": b"\x1b[31mred\n.mp4",
    "markup": b"[bold]<script>.mp4",
    "an option": b"--force.mp4",
}


@pytest.fixture
def archive(clips: Path, tmp_path: Path) -> Path:
    folder = tmp_path / os.fsdecode(b"gef\xe4hrlich")
    folder.mkdir()
    for name in ODD.values():
        shutil.copyfile(clips / "cmj_25.mp4", folder / os.fsdecode(name))
    return folder


def test_whatever_a_file_is_called_it_is_processed(
    archive: Path, command: Command, tmp_path: Path
) -> None:
    done = command("run", archive)
    exported = command("export", archive.name, "--to", tmp_path / "out")
    again = command.json("run", archive, "--json")

    assert (done.returncode, exported.returncode) == (0, 0), done.stderr + exported.stderr
    assert f"{len(ODD)} of {len(ODD)} completed" in done.stdout
    assert "\x1b[31mred" not in done.stdout + done.stderr
    assert len(list((tmp_path / "out").glob("*.parquet"))) == len(ODD)
    assert all(job["cache_hit"] for job in again["jobs"])
