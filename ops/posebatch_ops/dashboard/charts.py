"""Charts as ECharts options; colours of text and lines come from the style sheet, so that light and
dark need no redrawing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from posebatch_shared.results import INSTANTS
from posebatch_shared.throughput import Throughput

PALETTE = ("#3b82d6", "#129a86", "#cf7a1c", "#8b68d4", "#cf4f85", "#6f7d8c")
#: Placeholders that the style sheet replaces by the theme's own colours.
_LINE, _TEXT = "#808081", "#808082"
_WORDS = {"fontFamily": "Roboto, sans-serif", "fontSize": 12, "color": _TEXT}
_LEGEND = {
    "type": "scroll",  # one line, above the axis, however narrow the page
    "top": 0,
    "left": 4,
    "icon": "roundRect",
    "itemHeight": 8,
    "itemWidth": 14,
    "itemGap": 16,
    "textStyle": _WORDS,
}
_NOTHING = {
    "text": "Nothing was tracked in this time.",
    "left": "center",
    "top": "middle",
    "textStyle": {**_WORDS, "fontWeight": "normal"},
}
_PHASES = {
    "quiet standing": "#8a96a333",
    "lowering": "#cf7a1c33",
    "push-off": "#8b68d433",
    "flight": "#3b82d640",
    "landing": "#129a8633",
}
_OTHER_PHASE = "#8a96a322"


def rates(
    shown: Throughput, values: Mapping[tuple[str, str], Sequence[float]], *, mean_over: int
) -> dict[str, Any]:
    """Stacked areas over time, one per device and tracker, each point the mean of the last
    `mean_over` buckets; the newest bucket is left out, since it is not whole yet."""
    starts = [
        (shown.first_bucket + place) * shown.bucket_seconds * 1000
        for place in range(len(next(iter(values.values()), ())))
    ]
    return {
        **_base(),
        "title": {} if values else _NOTHING,
        "tooltip": _tooltip(trigger="axis"),
        "legend": _LEGEND,
        "xAxis": {**_axis("time"), "splitLine": {"show": False}},
        "yAxis": {**_axis("value"), "min": 0, "splitNumber": 4},
        "series": [
            {
                "name": f"{device} · {tracker}",
                "type": "line",
                "stack": "all",
                "showSymbol": False,
                "lineStyle": {"width": 1.5},
                "areaStyle": {"opacity": 0.25},
                "color": PALETTE[place % len(PALETTE)],
                "data": [
                    [start, round(rate, 1)]
                    for start, rate in zip(
                        starts, smoothed(rates_there[:-1], mean_over), strict=False
                    )
                ],
            }
            for place, ((device, tracker), rates_there) in enumerate(values.items())
        ],
    }


def smoothed(rates_there: Sequence[float], mean_over: int) -> list[float]:
    """Trailing mean of up to `mean_over` values."""
    windows = (rates_there[max(0, end - mean_over) : end] for end in range(1, len(rates_there) + 1))
    return [sum(window) / len(window) for window in windows]


def trajectory(
    series: Mapping[str, Any],
    phases: Sequence[Mapping[str, Any]],
    jumps: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """Hips and lowest foot over the clip, phases as bands, events as lines."""
    unit = series.get("unit", "m")
    named = (("hips", "hip_height"), ("lowest foot", "foot_height"))
    lines = [
        {
            "name": name,
            "type": "line",
            "showSymbol": False,
            "lineStyle": {"width": 2},
            "color": PALETTE[place],
            "data": list(map(list, zip(series["seconds"], series[key], strict=False))),
        }
        for place, (name, key) in enumerate(named)
        if series.get(key)
    ]
    if lines:
        lines[0]["markArea"] = {"silent": True, "data": [_band(phase) for phase in phases]}
        lines[0]["markLine"] = _event_lines(jumps)
    return {
        **_base(),
        "tooltip": _tooltip(trigger="axis"),
        "legend": _LEGEND,
        "grid": {"left": 48, "right": 16, "top": 52, "bottom": 40},
        "xAxis": {
            **_axis("value"),
            "name": "seconds",
            "nameLocation": "middle",
            "nameGap": 26,
            "splitLine": {"show": False},
            "min": 0,
            "max": series["seconds"][-1],
            "axisLabel": {**_WORDS, "showMaxLabel": False},
        },
        "yAxis": {**_axis("value"), "name": unit, "scale": True},
        "series": lines,
    }


def _band(phase: Mapping[str, Any]) -> list[dict[str, Any]]:
    colour = _PHASES.get(phase["name"], _OTHER_PHASE)
    label = {"show": phase["name"] in ("flight",), "position": "insideBottom", "color": _TEXT}
    return [
        {
            "name": phase["name"],
            "xAxis": phase["start_seconds"],
            "itemStyle": {"color": colour},
            "label": label,
        },
        {"xAxis": phase["end_seconds"]},
    ]


def _event_lines(jumps: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    times = [
        (name.removesuffix("_seconds"), jump[name])
        for jump in jumps
        for name in INSTANTS
        if jump.get(name) is not None
    ]
    return {
        "silent": True,
        "symbol": "none",
        "label": {"formatter": "{b}", "fontSize": 10, "color": _TEXT},
        "lineStyle": {"type": "dashed", "width": 1, "color": _TEXT},
        "data": [
            # Two rows: on a telephone a flight is narrower than the words at its ends.
            {"name": name, "xAxis": seconds, "label": {"distance": 5 if name == "takeoff" else 17}}
            for name, seconds in times
        ],
    }


def _base() -> dict[str, Any]:
    return {
        "animation": False,
        "backgroundColor": "transparent",
        "textStyle": _WORDS,
        "grid": {"left": 48, "right": 16, "top": 36, "bottom": 28},
        "aria": {"enabled": False},
    }


def _axis(kind: str) -> dict[str, Any]:
    return {
        "type": kind,
        "axisLine": {"show": kind == "time", "lineStyle": {"color": _LINE}},
        "axisTick": {"show": False},
        "axisLabel": {**_WORDS, "hideOverlap": True},
        "nameTextStyle": {"color": _TEXT},
        "splitLine": {"lineStyle": {"color": _LINE}},
    }


def _tooltip(*, trigger: str) -> dict[str, Any]:
    return {"trigger": trigger, "className": "tooltip", "confine": True, "renderMode": "html"}
