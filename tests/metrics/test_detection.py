"""Words found in streams: each once, late or not at all."""

import numpy as np
import pytest

from rnnkit.metrics.detection import Detected, Detections, Event, match_detections

EVENTS = [Event("yes", 1.0, 1.5), Event("yes", 2.0, 2.4), Event("no", 5.0, 5.5)]


@pytest.mark.parametrize(
    ("found", "counted"),
    [
        ([], (0, 0)),
        ([("yes", 1.2)], (1, 0)),
        ([("yes", 1.2), ("yes", 1.3)], (1, 1)),  # again
        ([("yes", 1.9), ("yes", 2.4)], (2, 0)),  # the first is late, and its word still the first
        ([("no", 1.2), ("no", 5.9)], (1, 1)),
        ([("no", 6.1), ("yes", 0.9)], (0, 2)),  # too late, too early
    ],
)
def test_a_word_is_found_once_and_all_else_is_an_alarm(found, counted):
    result = match_detections([Detected(*each) for each in found], EVENTS, 7200.0)
    assert (result.found, result.false_alarms) == counted
    assert result.recall == counted[0] / 3 and result.false_alarms_an_hour == counted[1] / 2


def test_sums_and_nothing_at_all():
    total = Detections(2, 1, 3, 1800.0) + Detections(2, 2, 0, 1800.0)
    assert (total.recall, total.false_alarms_an_hour) == (0.75, 3.0)
    empty = match_detections([], [], 0.0)
    assert (empty.recall, empty.false_alarms_an_hour) == (0.0, 0.0)
    with pytest.raises(TypeError):
        total + 1


def test_the_picture_is_written(tmp_path):
    from rnnkit.plots import detection_curve

    curve = [
        {"threshold": t, "recall": 1 - t / 2, "false_alarms_an_hour": 50 * (1 - t)} for t in np.linspace(0.1, 1, 5)
    ]
    assert detection_curve(curve, tmp_path / "a.png", 0.2).stat().st_size > 5_000


def test_thresholds_that_meet_are_written_once_and_no_axis_is_below_nothing(monkeypatch, tmp_path):
    from rnnkit.plots import detection

    kept = []
    monkeypatch.setattr(detection, "save", lambda figure, path: kept.append(figure))
    curve = [{"threshold": t, "recall": r, "false_alarms_an_hour": 0.0} for t, r in ((0.3, 0.5), (0.5, 0.0), (0.9, 0))]
    detection.detection_curve(curve, tmp_path / "a.png", 0.012)
    axes = kept[0].axes[0]
    assert {"0.3", "0.5 to 0.9"} <= {text.get_text() for text in axes.texts}
    assert axes.get_xlim()[0] > -0.1
    assert any("in 1 minute of" in text.get_text() for text in axes.texts)
