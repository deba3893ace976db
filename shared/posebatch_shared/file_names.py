"""File names as any database, JSON and page take them, and back.

A name on a disk is bytes, on old disks in an encoding of their time; Python has those that are not
UTF-8 as lone surrogates, which nothing takes that stores text.
"""

from __future__ import annotations

import os
import re

#: Bytes 0x80 to 0xFF at these code points of the private use area, which says nothing by itself.
_BYTES_FROM = 0xEF00
_BYTES = re.compile("[\uef80-\uefff]+")
_NOT_TEXT = re.compile("[\udc80-\udcff\uef80-\uefff]")


def stored(name: str) -> str:
    """The name with each byte that is not UTF-8 as one character of the private use area."""
    return name if name.isascii() else _NOT_TEXT.sub(_as_characters, name)


def on_disk(name: str) -> str:
    """The name that `stored` was given."""
    return name if name.isascii() else _BYTES.sub(_as_bytes, name)


def _as_characters(found: re.Match[str]) -> str:
    return "".join(chr(_BYTES_FROM + byte) for byte in os.fsencode(found[0]))


def _as_bytes(found: re.Match[str]) -> str:
    return os.fsdecode(bytes(ord(character) - _BYTES_FROM for character in found[0]))


def shown(text: str) -> str:
    """The text on one line for a terminal, which nothing in a file's name shall command."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def shown_name(path: str) -> str:
    """The last part of a path, for a terminal."""
    return shown(path.rsplit("/", 1)[-1])
