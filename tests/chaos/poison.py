"""Picture widths of clips that are bad for their worker, and how."""

from __future__ import annotations

EXITS, SEGFAULTS, DEVOURS, RAISES, HANGS, LOSES_DEVICE = 162, 166, 170, 174, 178, 182
