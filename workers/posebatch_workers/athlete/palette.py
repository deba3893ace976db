"""What colours do the athlete and the people around wear?"""

from __future__ import annotations

from dataclasses import dataclass

Colour = tuple[int, int, int]  #: RGB


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """Colours of one person."""

    skin: Colour
    hair: Colour
    shirt: Colour
    shorts: Colour
    sock: Colour
    shoe: Colour
    sole: Colour


ATHLETE = Palette(
    skin=(206, 158, 128),
    hair=(52, 36, 26),
    shirt=(196, 48, 44),
    shorts=(34, 40, 62),
    sock=(236, 236, 232),
    shoe=(38, 52, 150),
    sole=(240, 240, 236),
)
BYSTANDER = Palette(
    skin=(176, 128, 98),
    hair=(24, 22, 20),
    shirt=(70, 110, 84),
    shorts=(92, 92, 96),
    sock=(60, 60, 60),
    shoe=(160, 160, 156),
    sole=(230, 230, 226),
)
