"""Numbers that are read alike in Python and JavaScript: for `web_cases.py`."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np

from rnnkit.codec.calendar import WIDTHS, calendar_features
from rnnkit.codec.channels import Channels
from rnnkit.codec.forecast_heads import quantiles_of
from rnnkit.codec.forecast_paths import chances_of, drawn, quantiles_of_paths, walked
from rnnkit.codec.forecast_plan import ForecastPlan
from rnnkit.codec.frequencies import Frequency
from rnnkit.codec.histories import history_of, is_one_history
from rnnkit.codec.number_cells import number_of
from rnnkit.codec.sequences import is_one_sequence, steps_of, values_of
from rnnkit.errors import RnnkitError
from rnnkit.lite.searching import search_of

PLANS: dict[str, dict[str, Any]] = {
    "plain": {"look_back": 4, "horizon": 2},
    "window": {"look_back": 5, "horizon": 3, "scaling": "standard", "spread": "window", "missing": True},
    "daily": {"look_back": 2, "horizon": 1, "frequency": "D", "static": {"shop": ["a", "b"]}},
    "mean": {"look_back": 3, "horizon": 1, "scaling": "mean", "logarithm": True},
    "steps": {"look_back": 4, "horizon": 3, "season": 2, "head": "gaussian", "decoding": "stepwise", "paths": 5},
    "calendar": {
        "look_back": 3, "horizon": 4, "frequency": "h", "season": 2, "cycles": ["day", "week"], "decoding": "stepwise",
        "known": ["price", "10"], "known_mean": [2.0, 0.5], "known_std": [0.5, 2.0], "numbered": True,
        "static": {"shop": ["a", "b"], "size": [10.0, 4.0]}, "series": {"10": 1.5, "9": 2.5},
    },
}  # fmt: skip
CHANNELS = {
    "plain": (["x", "y"], [0.5, -1.0], [2.0, 0.25]),
    "missing": (["x", "y"], [0.5, -1.0], [2.0, 0.25], True),
    "times": (["x", "y"], [0.5, -1.0], [2.0, 0.25], True, 0.75),
}


def plan_of(name: str) -> ForecastPlan:
    """A plan, by way of JSON."""
    content = {**json.loads(ForecastPlan().to_json()), **PLANS[name]}
    return ForecastPlan.of_json(json.loads(json.dumps(content)), name)


def encoded(name: str, given: Any) -> Any:
    """The features of a sequence, and that its steps one by one have the same."""
    channels = Channels(*CHANNELS[name])  # type: ignore[arg-type]
    values, elapsed = channels.given(given, "It")
    return channels.encode(values, elapsed, "It").tolist()


def history(name: str, given: Any) -> Any:
    """A history, and what a network gets of it."""
    plan = plan_of(name)
    found = history_of(given, plan, "It")
    count = len(found.values) + plan.horizon
    covariates = plan.covariates(found.start or 0.0, count, found.known, found.static)
    past = np.full(plan.look_back, np.nan)
    read = plan.read(found.values[-plan.look_back :])
    past[plan.look_back - len(read) :] = read
    centre, scale = plan.scales(past[None], np.array([plan.spread_of(found.series, found.values)]))
    wanted = plan.look_back + plan.horizon
    covariates = np.pad(covariates, ((max(wanted - count, 0), 0), (0, 0)))[-wanted:]
    inputs = plan.inputs(past[None], covariates[None], np.array([plan.number_of(found.series)]), centre, scale)
    numbers = {each: value.tolist() for each, value in inputs.items()}
    return [found.values.tolist(), found.series, found.start, list(found.static), centre.item(), scale.item(), numbers]


def walk(name: str, given: Any) -> Any:
    """Values drawn step by step by a small network, and their quantiles."""
    plan = plan_of(name)
    past = np.array([given], np.float64)
    inputs = plan.inputs(
        past, np.zeros((1, plan.look_back + plan.horizon, 0), np.float32), np.zeros(1), *plan.scales(past, np.ones(1))
    )

    def step(before: Any, future: Any, numbers: Any, states: Any) -> Any:
        return np.concatenate([before / 2 + states[0], future / 4 - 1], axis=1), [states[0] / 2 + before / 4]

    states = [np.full((1, 1), 0.5, np.float32)]
    values = walked(plan, step, states, inputs, np.ones((1, 1)), chances_of(plan.paths, plan.horizon))[1]
    return [values[0].tolist(), quantiles_of_paths(values, plan.head)[0].tolist()]


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "number_of": number_of,
    "values_of": lambda given: values_of(given, "It").tolist(),
    "steps_of": steps_of,
    "is_one_sequence": is_one_sequence,
    "is_one_history": is_one_history,
    "encoded": encoded,
    "history": history,
    "walk": walk,
    "season": lambda text: [getattr(Frequency.of(text), name) for name in ("unit", "count", "season", "week")],
    "after": lambda text, start, steps: Frequency.of(text).written(Frequency.of(text).after(start, np.array(steps))),
    "calendar": lambda time: calendar_features(np.array([time]), tuple(WIDTHS))[0].tolist(),
    "quantiles_of": lambda head, given, scale: quantiles_of(head, np.array([given]), np.full((1, 1), scale))[
        0
    ].tolist(),
    "drawn": lambda head, given, chance: drawn(head, np.array([given]), np.array([chance]), np.ones((1, 1)))[
        0, 0
    ].item(),
    "quantiles_of_paths": lambda paths, head: quantiles_of_paths(np.array([paths]), head)[0].tolist(),
    "search_of": search_of,
}
_DAY = 86_400.0
_CALENDAR = {"known": {"price": [1, 2, 3, 4, 5, 6, 7, 8], "10": [0, 1] * 4}, "static": {"shop": "b", "size": "12"}}
CASES: list[tuple[str, list[Any]]] = [
    *[
        ("number_of", [cell])
        for cell in (" -0.5 ", "1e3", "NA", "?", "1,5", "1_0", "٣", "inf", "-Infinity", "1e39", ".5", "5.", "", "0x1")
    ],
    ("number_of", ["0,25", True]),
    *[
        ("values_of", [each])
        for each in (
            [1, 2.5, None],
            [[1, 2], [3, 4]],
            [[1, 2], [3]],
            [[[1]]],
            [],
            [True, False],
            5,
            [["a", 1]],
            [-1e400],
        )
    ],
    *[("steps_of", [text]) for text in ("0.5,1 0.6,NA", "1 2,3", "", "1 x", "1\u00a02\u30003", "1\ufeff2", "1\x1f2")],
    *[
        ("is_one_sequence", each)
        for each in ([[[1, 2], [3, 4]], 2], [[[1, 2], [3, 4]], 1], ["1 2", 3], [[1, 2], 1], [[], 1], [[[[1]]], 2])
    ],
    *[("is_one_history", [each]) for each in ([1, 2], [[1]], "1", {"values": []}, [], [None, 1])],
    *[("encoded", [name, [[0.5, 1], [2, -1.5], [1, 0]]]) for name in CHANNELS],
    *[
        ("encoded", [name, {"values": [[None, 1], [2, None], [None, None]], "elapsed": [0, 0.5, 2.25]}])
        for name in CHANNELS
    ],
    ("encoded", ["times", {"values": [[1, 1]], "elapsed": [-1]}]),
    ("encoded", ["times", {"values": [[1, 1]], "elapsed": [1, 2]}]),
    ("encoded", ["times", {"values": [[1, 1]]}]),
    ("encoded", ["plain", [[3e38, 3e38]]]),
    ("encoded", ["plain", [1, 2]]),
    *[
        ("season", [text])
        for text in (
            "h",
            "15min",
            "QS",
            "D",
            "B",
            "W-SUN",
            "2W",
            "M",
            "YE",
            "7h",
            "",
            "٣h",
            "0D",
            "fortnight",
            "12345678s",
        )
    ],
    ("after", ["h", 0.0, [0, 1, 30]]),
    ("after", ["D", 19_000 * _DAY, [-3, 0, 400]]),
    ("after", ["B", 19_003 * _DAY, [-6, -1, 0, 1, 4, 5, 11]]),
    ("after", ["B", 19_005 * _DAY + 3600, [0, 1, 2]]),
    ("after", ["MS", 10_987 * _DAY, [0, 1, 12, -14, 25]]),
    ("after", ["ME", 10_987 * _DAY, [0, 1, 2]]),
    ("after", ["QS", -3 * _DAY, [0, 1, -400]]),
    ("after", ["s", 0.5, [0, 1]]),
    ("after", ["min", -1.25, [0, -1]]),
    ("after", ["numbers", 2019, [0, 1, 5]]),
    *[("calendar", [time]) for time in (0.0, 43_200.0, 1_709_210_000.0, -1.0, 951_782_400.5, -99_999_999.0)],
    ("quantiles_of", ["quantiles", [3.0, 1, 2, 4, 5, 6, 7], 1.0]),
    ("quantiles_of", ["point", [3.0], 1.0]),
    *[("quantiles_of", ["gaussian", [1.0, spread], 1.0]) for spread in (-20.0, 0.5413, 30.0)],
    *[("quantiles_of", ["student_t", [0.5, 0.25, freedom], 1.0]) for freedom in (-9.0, 0.5, 8.0, 60.0)],
    *[
        ("quantiles_of", ["negative_binomial", [mean, spread], scale])
        for mean, spread, scale in ((0.5, 0.1, 4.0), (3.0, -4.0, 900.0), (9.0, 2.0, 1e6))
    ],
    *[("drawn", ["gaussian", [0.5, 1.0], chance]) for chance in (0.001, 0.1, 0.5, 0.9999)],
    ("drawn", ["quantiles", [0, 1, 2, 3, 4, 5, 6], 0.95]),
    ("quantiles_of_paths", [[[1.0, 5.0], [2.0, 4.5], [4.0, 4.0], [8.0, 0.0]], "quantiles"]),
    ("history", ["plain", "1 2 3 5 8"]),
    ("history", ["plain", [1, 2, None, 5]]),
    ("history", ["plain", "1,2,3"]),
    ("history", ["plain", "1,5 2,5"]),
    ("history", ["plain", {"values": [1, 2, 1e39, 3], "series": "s"}]),
    ("season", ["numbers by 2.5"]),
    ("season", ["numbers by x"]),
    ("after", ["numbers by 2.5", 3, [0, 1]]),
    ("after", ["D", 0.0, [0, 4_000_000]]),
    ("history", ["window", [None, 4, 4]]),
    ("history", ["window", [0.5, None, 4, 2, 3, None, 7]]),
    ("history", ["mean", {"values": [1, 2.5, 4], "series": 7}]),
    ("history", ["mean", [1, 0, 2]]),
    *[
        ("history", ["calendar", {"values": [5, 7, 6, 8], "series": "9", "start": start, **_CALENDAR}])
        for start in (
            "2024-02-29",
            "2024-02-29 23:30",
            "20240229T2330",
            "2024-02-29T23:30:15.250+02:00",
            "2024-W09-4",
            "2023-02-29",
            86_400,
            None,
        )
    ],
    ("history", ["calendar", {"values": [5, 7, 6, 8], "start": 0, "static": {"shop": "b"}}]),
    (
        "history",
        [
            "calendar",
            {"values": [5, 7, 6, 8], "start": 0, "static": {"shop": "c", "size": "big"}, "known": _CALENDAR["known"]},
        ],
    ),
    ("history", ["calendar", {"values": [5, 7, 6, 8, 9], "start": 0, **_CALENDAR}]),
    ("history", ["calendar", {"values": [5, 7, 6, 8], "start": 0, "static": _CALENDAR["static"]}]),
    ("history", ["daily", {"values": [1, 2], "start": "2024-02-29T00:00+02:00", "static": {"shop": "c"}}]),
    ("history", ["daily", {"values": [1, 2], "start": "2024-02-29T00:00+02:00", "static": {"shop": "b"}}]),
    ("walk", ["steps", [1, 2, 4, 3]]),
    ("search_of", [{"beam_width": 5}, {"n_best": 2}]),
    ("search_of", [{"beam_width": 5}, {"beam_width": 1}]),
    ("search_of", [{"beam_width": 5}, {"length_penalty": 11}]),
    ("search_of", [{"beam_width": 5}, {"early_finish": 1}]),
]


def finite(value: Any) -> Any:
    """Numbers that JSON does not have as texts."""
    if isinstance(value, float) and not np.isfinite(value):
        return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[str(value)]
    if isinstance(value, list | tuple):
        return [finite(each) for each in value]
    return {name: finite(each) for name, each in value.items()} if isinstance(value, dict) else value


def answer(name: str, given: list[Any]) -> dict[str, Any]:
    """The answer, or the line with which it is refused."""
    try:
        return {"answer": finite(FUNCTIONS[name](*given))}
    except (RnnkitError, ValueError) as error:
        return {"refused": str(error)}


def numbers() -> dict[str, Any]:
    """All cases, with the settings that they name."""
    cases = [{"of": name, "given": finite(given), **answer(name, given)} for name, given in CASES]
    return {"plans": PLANS, "channels": CHANNELS, "cases": cases}
