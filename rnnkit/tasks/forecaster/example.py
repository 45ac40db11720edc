"""The example of the forecaster: made-up sales of shops, those of its pipeline, fewer of them."""

from collections.abc import Iterable, Iterator

from rnnkit.tasks.base.example_files import ExampleFiles
from rnnkit.tasks.forecaster.sample import COLUMNS, Day, make_sales
from rnnkit.tasks.shared.phrases import LICENCE, csv_text

_SHOPS, _DAYS, _AHEAD = 6, 450, 14


def _rows(days: Iterable[Day]) -> Iterator[Iterable[object]]:
    return (("" if cell is None else cell for cell in day) for day in days)


def _files() -> Iterator[tuple[str, str]]:
    made = make_sales(_SHOPS, _DAYS, _AHEAD)
    yield "sales.csv", csv_text(COLUMNS, _rows(day for day in made if day.sales is not None))
    first = made[0].shop
    mine = [day for day in made if day.shop == first]
    yield "history.csv", csv_text(COLUMNS, _rows(mine[-120:]))


EXAMPLE = ExampleFiles(
    about=(
        f"sales.csv     {_SHOPS} shops, {_DAYS} days each: shop, date, sales, what is known ahead, kind of shop\n"
        f"history.csv   the end of one of them, and {_AHEAD} days to forecast, of which all is known but the sales\n\n"
        f"{LICENCE}"
    ),
    names=("sales.csv", "history.csv"),
    make=_files,
    settings={"horizon": 14, "look_back": 56, "segment": 7, "units": 32, "epochs": 12, "learning_rate": 0.005},
)
