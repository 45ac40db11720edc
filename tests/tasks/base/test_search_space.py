"""What a search tries is what the options declare, within their bounds, around the values that they have."""

import dataclasses

import pytest

from rnnkit import tasks
from rnnkit.errors import RnnkitError
from rnnkit.tasks.base.options import Options
from rnnkit.tasks.base.search_space import Span, space_of


@pytest.mark.parametrize("key", tasks.names())
def test_every_task_has_a_space_around_its_own_settings_that_the_task_takes(key):
    task_class = tasks.get(key)
    options = task_class().options
    space = space_of(options)
    assert {"learning_rate"} <= set(space) and len(space) >= 3
    for name, tried in space.items():
        ends = tried if not isinstance(tried, Span) else (tried.low, tried.high)
        value = getattr(options, name)
        assert value in tried if not isinstance(tried, Span) else tried.low <= value <= tried.high, (name, value, tried)
        for end in ends:
            task_class(**{name: int(end) if isinstance(tried, Span) and tried.whole else end})


def test_spans_stay_within_the_bounds_of_an_option():
    assert space_of(Options(units=4000, batch_size=2), ["units", "batch_size"]) == {
        "units": Span(1000, 4096, True, True),
        "batch_size": Span(1, 8, True, True),
    }


def test_what_cannot_be_searched_is_refused_by_name():
    with pytest.raises(RnnkitError, match="'unit' cannot be searched. Did you mean 'units'"):
        space_of(Options(), ["unit"])
    with pytest.raises(RnnkitError, match="'seed' cannot be searched. These can: units"):
        space_of(Options(), ["seed"])
    with pytest.raises(RnnkitError, match="units is both given and to be searched"):
        space_of(Options(), ["units"], ["units"])
    every = [spec.name for spec in dataclasses.fields(Options) if spec.metadata.get("search") is not None]
    with pytest.raises(RnnkitError, match="Every option that can be searched is given"):
        space_of(Options(), (), every)
