"""Whether enough of a clip came out to trust it, and which error it is if not."""

from __future__ import annotations

from posebatch_shared.errors import NoFrames, PosebatchError, TooManyDecodeErrors, Truncated

#: A clip may end this much before its header says; muxers disagree about the last frame.
_END_SLACK_SECONDS = 0.5


def nothing_came(errors: int, declared_seconds: float | None) -> PosebatchError:
    """The error for a video stream without a single picture."""
    if errors:
        return TooManyDecodeErrors(f"all {errors} packets are damaged")
    if declared_seconds:
        return Truncated(f"none of its {declared_seconds:.1f} s is there")
    return NoFrames("the video stream is empty")


def check_errors(errors: int, pictures: int, max_share: float) -> None:
    """Raise TooManyDecodeErrors where more than `max_share` of what should have come is damaged."""
    if errors > max_share * max(pictures, 1):
        raise TooManyDecodeErrors(
            f"{errors} of {pictures} pictures are damaged, more than {100 * max_share:.0f} %"
        )


def check_end(end_seconds: float, declared_end_seconds: float, max_share: float) -> None:
    """Raise Truncated where more than `max_share` of the declared duration never came."""
    missing = declared_end_seconds - end_seconds
    if missing > max(_END_SLACK_SECONDS, max_share * declared_end_seconds):
        raise Truncated(f"ends at {end_seconds:.1f} s of {declared_end_seconds:.1f} s")
