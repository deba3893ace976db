"""Names that only a disk knows: into the ledger and back, and harmless on a terminal."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posebatch_shared.file_names import on_disk, shown, shown_name, stored


@given(st.binary(max_size=60))
def test_any_bytes_come_back(name: bytes) -> None:
    text = stored(os.fsdecode(name))

    assert text.encode().decode() == text
    assert os.fsencode(on_disk(text)) == name


@given(st.text(alphabet=st.characters(min_codepoint=0xEF00, max_codepoint=0xF000)))
def test_names_that_look_like_stored_ones_come_back(name: str) -> None:
    assert on_disk(stored(name)) == name


@pytest.mark.parametrize("name", ["plain.mp4", "Übung 1 🏃.mp4", "跳.mov"])
def test_text_stays_as_it_is(name: str) -> None:
    assert stored(name) == on_disk(name) == shown(name) == name


def test_a_name_commands_no_terminal() -> None:
    assert shown_name("a/\x1b[31mred\n.mp4") == "�[31mred�.mp4"
    assert shown_name(stored(os.fsdecode(b"a/\xff.mp4"))) == "�.mp4"
