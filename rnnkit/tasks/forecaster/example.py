"""The example of the forecaster: made-up sales of shops, those of its pipeline, fewer of them."""

from collections.abc import Iterable, Iterator
from typing import Any

from rnnkit.tasks.base.example_files import ExampleFiles
from rnnkit.tasks.forecaster.sample import COLUMNS, Day, make_sales
from rnnkit.tasks.shared.phrases import LICENCE, csv_text

_SHOPS, _DAYS, _AHEAD = 6, 450, 14
_KINDS, _LEARNT, _SHOWN = 3, 730, 84  # shops on a page, the days that they have, and those that are shown


def _rows(days: Iterable[Day]) -> Iterator[Iterable[object]]:
    return (("" if cell is None else cell for cell in day) for day in days)


def _files() -> Iterator[tuple[str, str]]:
    made = make_sales(_SHOPS, _DAYS, _AHEAD)
    yield "sales.csv", csv_text(COLUMNS, _rows(day for day in made if day.sales is not None))
    first = made[0].shop
    mine = [day for day in made if day.shop == first]
    yield "history.csv", csv_text(COLUMNS, _rows(mine[-120:]))


def _to_try() -> list[dict[str, Any]]:
    """The last days of a shop of each kind, and what is known of the days ahead."""
    made = make_sales(_KINDS, _LEARNT, _AHEAD)
    shops = [[day for day in made if day.shop == f"shop {number + 1}"][-_SHOWN - _AHEAD :] for number in range(_KINDS)]
    return [
        {
            "label": f"{days[0].shop}, in a {days[0].kind}",
            "series": days[0].shop,
            "values": [day.sales for day in days if day.sales is not None],
            "start": str(days[0].day),
            "known": {
                "known_promotion": [day.promotion for day in days],
                "known_holiday": [day.holiday for day in days],
            },
            "static": {"static_kind": days[0].kind},
        }
        for days in shops
    ]


EXAMPLE = ExampleFiles(
    about=(
        f"sales.csv     {_SHOPS} shops, {_DAYS} days each: shop, date, sales, what is known ahead, kind of shop\n"
        f"history.csv   the end of one of them, and {_AHEAD} days to forecast, of which all is known but the sales\n\n"
        f"{LICENCE}"
    ),
    names=("sales.csv", "history.csv"),
    make=_files,
    settings={"horizon": 14, "look_back": 56, "segment": 7, "units": 32, "epochs": 12, "learning_rate": 0.005},
    to_try=_to_try,
)
