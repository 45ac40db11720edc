"""Broken tables of time series: each is answered with one line that says what is wrong and where."""

import numpy as np
import pytest

import rnnkit
from rnnkit.errors import RnnkitError

_DAYS = [str(day) for day in np.arange("2024-01-25", "2024-03-25", dtype="datetime64[D]")]
_VALUES = [f"{10 + 3 * np.sin(number):.2f}" for number in range(60)]
_HOURS = [f"2024-10-27 {hour:02d}:00" for hour in (0, 1, 2, 2, 3, 4)]


def table(times=_DAYS, values=_VALUES, header="date,y", separator=","):
    return "".join(
        f"{line}\n" for line in (header, *(f"{t}{separator}{v}" for t, v in zip(times, values, strict=False)))
    )


def long(ids, header="id,date,y", count=20):
    return header + "\n" + "".join(f"{name},{day},1\n" for name in ids for day in _DAYS[:count])


def with_value(text, place=30):
    return table(values=[*_VALUES[:place], text, *_VALUES[place + 1 :]])


def with_time(text, place=30):
    return table([*_DAYS[:place], text, *_DAYS[place + 1 :]])


NO_VALUES = "no column of values that can be told from others. It has: date, y. If the values are in 'y': it holds "
BROKEN = {
    "nothing": ("", "is empty; expected a header line and rows"),
    "blank lines": ("\n\n\n", "is blank; expected a header line and rows"),
    "a header alone": ("date,y\n", "there is a header but no row under it. Add rows"),
    "a row": (table(_DAYS[:1]), "its longest series has 1 value; to forecast a step takes 5 or more"),
    "three rows": (table(_DAYS[:3]), "its longest series has 3 values; to forecast a step takes 5 or more"),
    "dates alone": ("date\n" + "\n".join(_DAYS), "no column of values that can be told from others. It has: date"),
    "no value": (table(values=[""] * 60), "none of its series has a value"),
    "no known value": (table(values=["NA"] * 60), "none of its series has a value"),
    "a word as a value": (with_value("closed"), "line 32: 'y' holds 'closed', no number"),
    "a dash as a value": (with_value("-"), "line 32: 'y' holds '-', no number"),
    "a fault of Excel": (with_value("#DIV/0!"), "line 32: 'y' holds '#DIV/0!', no number"),
    "an infinite value": (with_value("inf"), "line 32: 'y' holds 'inf', infinite"),
    "a value beyond float32": (with_value("1e39"), "line 32: 'y' holds '1e39', too large"),
    "a decimal comma among points": (
        with_value('"10,5"'),
        "'10,5', no number, since others of the column have a decim",
    ),
    "dollars": (table(values=[f"${each}" for each in _VALUES]), NO_VALUES + "'$10.00', no number"),
    "euros": (table(values=[f"{each} €" for each in _VALUES]), NO_VALUES + "'10.00 €', no number"),
    "percents": (table(values=[f"{each}%" for each in _VALUES]), NO_VALUES + "'10.00%', no number"),
    "German thousands": (table(values=["1.234,56"] * 60, separator=";", header="date;y"), NO_VALUES + "'1.234,56'"),
    "American thousands": (
        table(values=['"1,234"'] * 60),
        "whose comma may stand before decimals or between thousands",
    ),
    "thousands and decimals": (table(values=['"1,234.50"'] * 60), NO_VALUES + "'1,234.50', no number"),
    "thousands with spaces": (table(values=["1 234"] * 60), NO_VALUES + "'1 234', no number"),
    "losses in brackets": (table(values=["(7)"] * 60), NO_VALUES + "'(7)', no number"),
    "truths": (table(values=["True", "False"] * 30), NO_VALUES + "'True', no number"),
    "no time": (with_time(""), "line 32: the time 'date' is ''; expected a date such as 2024-01-31"),
    "a word as a time": (with_time("soon"), "line 32: the time 'date' is 'soon'; expected a date"),
    "a total below": (table([*_DAYS[:59], "Total"]), "line 61: the time 'date' is 'Total'; expected a date"),
    "31 February": (with_time("2024-02-31"), "line 32: the time 'date' is '2024-02-31'; expected a date"),
    "a number among dates": (with_time("45292"), "line 32: the time 'date' is '45292'; expected a date"),
    "a time of another century": (with_time("2924-02-24", 59), "Is this row's time right?"),
    "a time twice": (with_time(_DAYS[3]), "line 32: the table has this time in line 5 already. Leave one"),
    "clocks that were set back": (table(_HOURS), "Where clocks were set back, write times with their offset"),
    "offsets in some rows": (
        table([f"{day}T00:00+01:00" for day in _DAYS[:9]] + [f"{day}T00:00" for day in _DAYS[9:]]),
        "line 11: the time 'date', '2024-02-03T00:00', has no time zone, and those before have one. Write all",
    ),
    "a time between": (with_time("2024-02-24 12:00"), "line 32: the time of the table lies between two steps of D"),
    "irregular times": (table(["0", "1", "1.7", "3", "9"], header="t,y"), "lies between two steps of 0.7"),
    "day or month": (table(["01/02/2024", "02/02/2024"]), "the day cannot be told from the month. Write dates as 2024"),
    "names of months": (table(["January", "February"], header="month,y"), "the time 'month' is 'January'; expected a"),
    "days of the week": (table(["Mon", "Tue"], header="day,y"), "the time 'day' is 'Mon'; expected a date"),
    "the time of day alone": (
        table(["00:00", "01:00"], header="time,y"),
        "the time 'time' is '00:00'; expected a date",
    ),
    "a short year": (
        table(["25.01.24", "26.01.24"], header="Datum,y"),
        "another in each row ('25.01.24'). If it is the",
    ),
    "American hours": (table(["01/25/2024 1:00 PM"]), "the time 'date' is '01/25/2024 1:00 PM'; expected a date"),
    "date and hours apart": (
        "date,time,y\n2024-01-01,00:00,1\n2024-01-01,01:00,2\n",
        "'date' and 'time' tell the time together. Join them to one column, such as 2024-01-31 12:00:00",
    ),
    "year and month apart": (
        "year,month,y\n" + "".join(f"{2020 + number // 12},{number % 12 + 1},1\n" for number in range(30)),
        "line 14: the table has this time in line 2 already. Where year, month tell the time together, join them",
    ),
    "series that are not named": (long([1001, 1002], "kunde,date,y"), "name their column: --series kunde"),
    "a series without a name": (long(["a", ""]), "line 22: the series 'id' is blank. Fill it"),
    "a time of a series twice": (long(["a", "b", "a"]), "line 42: the series 'a' has this time in line 2 already"),
    "several texts": (
        "shop,item,date,y\na,b,2024-01-01,1\n",
        "Name the columns that tell series apart: --series shop,it",
    ),
    "several values": (
        "id,date,p,q\na,2024-01-01,1,2\na,2024-01-02,1,2\n",
        "Name one: --value p, or several: --value p,q",
    ),
    "a column twice": ("date,y,y\n2024-01-01,1,1\n", "has 2 columns named 'y'; rename all but one"),
    "months as columns": (
        "shop,Jan,Feb,Mar\nA,1,2,3\nB,2,3,4\n",
        "Where each row is a series, number its columns: V1, V2",
    ),
    "a row a series, twice": ("id,V1,V2,V3,V4\na,1,2,3,4\na,1,2,3,4\n", "the series 'a' is in line 2 already"),
    "a word in a row a series": ("id,V1,V2,V3,V4\na,1,2,x,4\nb,1,2,3,4\n", "line 2: 'V3' holds 'x', no number"),
    "dates as columns that are none": (
        "id,2024-01-01,2024-01-02,2024-02-30,2024-01-04\na,1,2,3,4\n",
        "column '2024-02-30': the time 'in its header' is '2024-02-30'; expected a date",
    ),
    "a field too many": ("date,y\n2024-01-01,1\n2024-01-02,2,3\n", "line 3 has 3 fields, and the header 2"),
    "an open quote": ('date,y\n2024-01-01,"1\n2024-01-02,2\n', "has a quote that is never closed. Close it"),
    "a title above": (
        "Sales of 2024,\ndate,y\n" + "2024-01-01,1\n" * 3,
        "If the values are in 'Sales of 2024': it holds",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_table_is_answered_in_a_line(tmp_path, name):
    text, expected = BROKEN[name]
    path = tmp_path / "data.csv"
    path.write_text(text, encoding="utf-8")
    try:
        found = rnnkit.Forecaster.check(path)
    except RnnkitError as error:
        said = str(error)
    else:
        said = next(each.message for each in found if each.level == "fail")
    assert expected in said and said.startswith("data.csv") and "\n" not in said and len(said) < 400
