"""How numbers, times and states read to a person."""

from __future__ import annotations

from datetime import datetime

from posebatch_shared.estimate import TimeLeft

#: Seconds and name of a unit, and of the one that tells its fraction.
_UNITS = ((86_400, "d", 3_600, "h"), (3_600, "h", 60, "min"), (60, "min", 1, "s"))


def duration(seconds: float | None) -> str:
    """`3 h 20 min`, `45 s`, `0.4 s`; a dash if it is not known."""
    if seconds is None:
        return "–"
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 59.5:
        return f"{seconds:.0f} s"
    size, unit, part_size, part = next(row for row in _UNITS if round(seconds) >= row[0])
    whole, rest = divmod(round(seconds / part_size), size // part_size)
    return f"{whole} {unit}" + (f" {rest} {part}" if rest else "")


def time_left(left: TimeLeft | None) -> str:
    """`3 h 20 min`, `18 min`; a dash if it cannot be told yet."""
    return rough(left.seconds) if left else "–"


def time_left_bounds(left: TimeLeft | None) -> str:
    """`13 min to 23 min, 8 times of 10`."""
    if left is None:
        return "not enough has ended yet"
    return f"{rough(left.low_seconds)} to {rough(left.high_seconds)}, 8 times of 10"


def rough(seconds: float) -> str:
    """A duration as one would say it: whole minutes from two minutes on."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return duration(60 * round(seconds / 60))


def ago(moment: datetime | None, now: datetime) -> str:
    """`12 s ago`."""
    return "–" if moment is None else f"{duration(max(0.0, (now - moment).total_seconds()))} ago"


def number(value: float | None, digits: int = 0) -> str:
    """Thousands apart by thin spaces."""
    return "–" if value is None else f"{value:,.{digits}f}".replace(",", "\u202f")


def size(size_bytes: float | None) -> str:
    """Bytes in binary units: `412 MiB`."""
    if size_bytes is None:
        return "–"
    for unit in ("B", "KiB", "MiB", "GiB"):
        if size_bytes < 1024:
            return f"{size_bytes:.0f} {unit}" if size_bytes >= 10 else f"{size_bytes:.1f} {unit}"
        size_bytes /= 1024
    return f"{size_bytes:.1f} TiB"


def percent(share: float | None) -> str:
    """A share of 1 as `87 %`."""
    return "–" if share is None else f"{100 * share:.0f} %"


def moment(time: datetime | None) -> str:
    """A date and time in UTC."""
    return "–" if time is None else f"{time:%Y-%m-%d %H:%M:%S} UTC"


def plural(count: int, word: str) -> str:
    """`1 job`, `3 jobs`."""
    return f"{number(count)} {word}" + ("" if count == 1 else "s")
