"""Which round parts, of which size and colour, make up a person?"""

from __future__ import annotations

from dataclasses import dataclass

from posebatch_workers.athlete.body import Body
from posebatch_workers.athlete.palette import Colour, Palette

_EYE: Colour = (242, 240, 236)
_DARK: Colour = (40, 30, 26)
_LIPS: Colour = (150, 72, 66)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The convex hull of balls: `balls` names points, each with a radius in metres.

    `nearer_m` lifts a part over its neighbours in the order of drawing. A part `on_face` is drawn
    only while that side of the face is turned to the camera.
    """

    balls: tuple[tuple[str, float], ...]
    colour: Colour
    nearer_m: float = 0.0
    on_face: bool = False
    flat: bool = False  #: one tone, no shading


def parts_of(body: Body, palette: Palette) -> list[Part]:
    """All parts of one person, about forty."""
    scale = body.height_m / 1.75
    thick = 1.08 * scale * body.girth_ratio
    return [
        *_trunk(palette, thick),
        *_head(palette, scale),
        *(part for side in ("left", "right") for part in _leg(palette, thick, scale, side)),
        *(part for side in ("left", "right") for part in _arm(palette, thick, side)),
    ]


def _trunk(palette: Palette, thick: float) -> list[Part]:
    shoulders = [(f"{side}_armpit", 0.066 * thick) for side in ("left", "right")]
    waist = [(f"{side}_waist", 0.082 * thick) for side in ("left", "right")]
    pelvis = [(f"{side}_hip", 0.088 * thick) for side in ("left", "right")]
    return [
        Part(balls=(*pelvis, *waist), colour=palette.shorts),
        Part(balls=(*shoulders, *waist, ("chest", 0.108 * thick)), colour=palette.shirt),
        Part(balls=(("neck", 0.058 * thick), ("skull_base", 0.052 * thick)), colour=palette.skin),
    ]


def _head(palette: Palette, scale: float) -> list[Part]:
    def part(colour: Colour, nearer_m: float, *balls: tuple[str, float]) -> Part:
        named = tuple((name, radius * scale) for name, radius in balls)
        return Part(balls=named, colour=colour, nearer_m=nearer_m)

    skin = palette.skin
    return [
        part(palette.hair, 0.05, ("hair_top", 0.088), ("hair_back", 0.082)),
        part(skin, 0.07, ("brow", 0.072), ("temple", 0.066), ("jaw", 0.050)),
        part(skin, 0.08, ("left_ear_top", 0.014), ("left_ear_low", 0.011)),
        part(skin, 0.08, ("right_ear_top", 0.014), ("right_ear_low", 0.011)),
        *_face(scale),
        part(skin, 0.13, ("nose_bridge", 0.010), ("nose", 0.016)),
    ]


def _face(scale: float) -> list[Part]:
    def part(colour: Colour, *balls: tuple[str, float]) -> Part:
        named = tuple((name, radius * scale) for name, radius in balls)
        return Part(balls=named, colour=colour, nearer_m=0.12, on_face=True, flat=True)

    eyes = [
        part(colour, *((f"{side}_{name}", radius) for name, radius in balls))
        for side in ("left", "right")
        for colour, balls in (
            (_EYE, (("eye_in", 0.009), ("eye_out", 0.009))),
            (_DARK, (("pupil", 0.008),)),
            (_DARK, (("brow_in", 0.006), ("brow_out", 0.005))),
        )
    ]
    mouth = part(_LIPS, ("mouth_left", 0.007), ("mouth_right", 0.007), ("mouth_low", 0.008))
    return [*eyes, mouth]


def _leg(palette: Palette, thick: float, scale: float, side: str) -> list[Part]:
    def part(colour: Colour, *balls: tuple[str, float], nearer_m: float = 0.0) -> Part:
        named = tuple((f"{side}_{name}", radius * thick) for name, radius in balls)
        return Part(balls=named, colour=colour, nearer_m=nearer_m)

    return [
        part(palette.skin, ("mid_thigh", 0.076), ("knee", 0.054)),
        part(palette.shorts, ("hip", 0.092), ("mid_thigh", 0.086), nearer_m=0.01),
        part(palette.skin, ("knee", 0.052), ("calf", 0.056)),
        part(palette.skin, ("calf", 0.056), ("shin", 0.036)),
        part(palette.sock, ("shin", 0.037), ("ankle", 0.036), nearer_m=0.005),
        part(palette.shoe, ("heel_collar", 0.028), ("heel_top", 0.026), ("ankle", 0.036)),
        part(palette.shoe, ("heel_top", 0.028), ("ankle", 0.034), ("ball_top", 0.034)),
        part(palette.shoe, ("ball_top", 0.034), ("toe_top", 0.022)),
        part(palette.sole, ("heel_sole", 0.012), ("ball_sole", 0.012), nearer_m=0.02),
        part(palette.sole, ("ball_sole", 0.012), ("toe_sole", 0.011), nearer_m=0.02),
    ]


def _arm(palette: Palette, thick: float, side: str) -> list[Part]:
    def part(colour: Colour, *balls: tuple[str, float], nearer_m: float = 0.0) -> Part:
        named = tuple((f"{side}_{name}", radius * thick) for name, radius in balls)
        return Part(balls=named, colour=colour, nearer_m=nearer_m)

    return [
        part(palette.skin, ("mid_upper_arm", 0.041), ("elbow", 0.036)),
        part(palette.shirt, ("shoulder", 0.058), ("mid_upper_arm", 0.050), nearer_m=0.01),
        part(palette.skin, ("elbow", 0.036), ("wrist", 0.026)),
        part(palette.skin, ("wrist", 0.027), ("knuckles", 0.030), ("hand", 0.018)),
    ]
