"""Forecasts of windows as fans, for pictures."""

from typing import Any

import numpy as np

_DRAWN = 4


def fans_of(task: Any, encoded: Any, outputs: np.ndarray) -> list[Any]:
    """Some windows with their forecasts, of different series where there are several.

    Args:
        task: The trained forecaster.
        encoded: The windows.
        outputs: Their quantiles.
    """
    from rnnkit.plots.forecasts import Fan

    firsts = np.unique(encoded.series, return_index=True)[1]
    places = np.sort(firsts[np.linspace(0, len(firsts) - 1, min(_DRAWN, len(firsts))).astype(int)])
    chosen, fans = encoded.take(places), []
    length = min(task.plan.look_back, 3 * task.plan.horizon)
    history, truth = chosen.values(-length, 0), chosen.truth
    for place, answer in enumerate(task.answers(chosen, outputs[places])):
        series, origin = chosen.series[place], int(chosen.origins[place])
        start, known = float(chosen.table.starts[series]), not np.isnan(truth[place]).all()
        times = list[str]()
        if not np.isnan(start):
            steps = np.arange(origin - length, origin + task.plan.horizon)
            times = task.plan.steps.written(task.plan.steps.after(start, steps))
        came = truth[place] if known else None
        fans.append(Fan(answer.series, history[place], answer.quantiles, times, came))
    return fans
