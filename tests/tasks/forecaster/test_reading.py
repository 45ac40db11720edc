"""Time series from tables, frames and arrays; what cannot be read is refused in a line."""

import numpy as np
import pytest

import rnnkit
from rnnkit.data.remembered import Remembered
from rnnkit.errors import RnnkitError
from rnnkit.tasks.forecaster.source import open_series

NAN = float("nan")


@pytest.fixture
def read(tmp_path):
    def opened(text, name="data.csv", said=None, **how):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return open_series(path, tell=(said if said is not None else []).append, **how)

    return opened


def shown(found):
    return {each.id: each.values.tolist() for each in found.series}


LONG = "store,date,sales\nA,2024-01-01,1\nA,2024-01-02,2\nB,2024-01-02,5\nB,2024-01-03,6.5\n"


def test_a_long_table(read):
    found = read(LONG)
    assert shown(found) == {"A": [1, 2], "B": [5, 6.5]}
    assert (found.frequency.text, found.season, found.gaps, found.unsorted) == ("D", 7, 0, False)
    assert found.frequency.written(np.array([found.series[1].start])) == ["2024-01-02"]
    assert found.reading["columns"] == {"series": "store", "time": "date", "value": "sales"}


def test_a_column_a_series_as_ett_has_it(read):
    found = read("date,HUFL,OT\n2016-07-01 00:00:00,5.8,30.5\n2016-07-01 01:00:00,5.6,27.8\n")
    assert shown(found) == {"HUFL": [5.8, 5.6], "OT": [30.5, 27.8]} and found.frequency.text == "h"


def test_a_row_a_series_as_m4_has_it(read):
    text = "V1,V2,V3,V4,V5,V6\nH1,605,586,586,559,511\nH2,3124,2990,2862,,\n"
    found = read(text, frequency="h")
    assert shown(found) == {"H1": [605, 586, 586, 559, 511], "H2": [3124, 2990, 2862]}
    assert (found.season, found.frequency.is_calendar) == (24, False)


def test_columns_with_numbers_in_their_names_are_series_or_steps(read):
    """A dictionary has series by name; of a table without times it is said what it is read as."""
    said, made = [], {f"s{number}": [1.0, 2, 3, 4 + number] for number in range(5)}
    task = rnnkit.Forecaster()
    assert shown(task.read(made)) == made
    assert shown(task.read({**made, "time": [1, 2, 3, 4]})) == made
    text = "s0,s1,s2,s3,s4\n1,2,3,4,5\n6,7,8,9,10\n"
    assert shown(read(text, said=said)) == {"series 1": [1, 2, 3, 4, 5], "series 2": [6, 7, 8, 9, 10]}
    assert said == [
        "data.csv: read as a row a series, of 5 steps. Where a column is a series, name them with --value, or the "
        "times with --time."
    ]
    assert len(read(text, columns={"value": "s0,s1"})) == 2


def test_gaps_and_order(read):
    said = []
    found = read("date,y\n2024-01-04,4\n2024-01-01,1\n2024-01-02,\n2024-01-05,5\n", said=said)
    assert str(found.series[0].values.tolist()) == "[1.0, nan, nan, 4.0, 5.0]" and found.gaps == 2
    assert said == ["data.csv: rows are not in the order of time; they are sorted by 'date'."]


def test_known_and_static_columns(read):
    text = "item,day,y,promo,town\na,1,1,0,x\na,2,2,1,x\na,3,,1,x\nb,1,3,0,z\nb,2,4,0,z\n"
    found = read(text, columns={"known": "promo", "static": "town"})
    assert shown(found) == {"a": [1, 2], "b": [3, 4]}
    assert found.series[0].known.tolist() == [[0], [1], [1]] and found.series[1].static == ("z",)
    assert found.inputs[0]["static"] == {"town": "x"}


@pytest.mark.parametrize(
    "times,frequency",
    [
        (["2024-01", "2024-02", "2024-03"], "MS"),
        (["2024Q1", "2024Q2", "2024Q3"], "3MS"),
        (["31/01/2024", "29/02/2024", "31/03/2024"], "ME"),
        (["01/30/2024 0:00", "01/30/2024 0:15", "01/30/2024 0:30"], "15min"),
        (["20240105", "20240108", "20240109"], "B"),
        (["2019", "2020", "2021"], "numbers"),
        (["2024-01-01T00:00:00+02:00", "2024-01-01T01:00:00+02:00"], "h"),
        (["2024-03-30 00:00+01:00", "2024-03-31 00:00+01:00", "2024-04-01 00:00+02:00"], "D"),
        (["202411", "202412", "202501"], "MS"),
        (["2024013122", "2024013123", "2024020100"], "h"),
        (["Q3 2024", "Q4 2024", "Q1 2025"], "3MS"),
    ],
)
def test_forms_of_times(read, times, frequency):
    found = read("date;value\n" + "".join(f"{time};{number}\n" for number, time in enumerate(times)))
    assert found.frequency.text.replace("QS", "3MS") == frequency and len(found.series[0]) == len(times)
    each = found.series[0]
    places = found.frequency.places(found.frequency.after(each.start, np.arange(40)), each.start)
    assert np.allclose(places, np.arange(40))


def test_decimal_commas_and_large_numbers(read):
    assert shown(read("date;y\n2024-01-01;1,5\n2024-01-02;16777217\n")) == {"y": [1.5, 16777217]}


def test_tables_without_a_header(read):
    assert shown(read("2024-01-31,7\n2024-02-29,8\n")) == {"2": [7, 8]}
    assert shown(read("A;31.01.2024;7,5\nA;01.02.2024;8,5\n")) == {"A": [7.5, 8.5]}


@pytest.mark.parametrize(
    "columns,frequency,first",
    [
        (["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30"], "ME", "2024-01-31"),
        (["1999", "2000", "2001", "2002"], "numbers", "1999"),
    ],
)
def test_a_row_a_series_whose_columns_are_times(read, columns, frequency, first):
    header, rows = ",".join(columns), "Chad,TCD,1,2,,4\nMali,MLI,,6,7,8\n"
    found = read(f"country,{header}\n" + rows.replace(",TCD", "").replace(",MLI", ""))
    assert str(shown(found)) == "{'Chad': [1.0, 2.0, nan, 4.0], 'Mali': [6.0, 7.0, 8.0]}"
    assert found.frequency.text == frequency and found.frequency.written(np.array([found.series[0].start])) == [first]
    assert found.reading["columns"] == {"series": "country"} and found.series[1].start > found.series[0].start
    both = f"country,code,{header}\n{rows}"
    named = read(both, columns={"series": "country,code"})
    assert named.ids == ["Chad / TCD", "Mali / MLI"] == read(both, columns=Remembered({}, named.reading)).ids


def test_values_of_four_digits_are_no_months(read):
    assert shown(read("shop,date,sales\n1,2024-01-01,5050.12\n1,2024-01-02,5050.1\n")) == {"1": [5050.12, 5050.1]}


def test_columns_that_are_no_values_are_told(read):
    said = []
    days = "".join(f"2024-02-{day:02d},2024,{day},2024-03-01,{day}.5\n" for day in range(1, 9))
    found = read("date,year,day,delivered,y\n" + days, said=said)
    assert found.ids == ["y"] and "year, day, delivered not read" in said[0]


def test_what_looks_like_dates_of_a_program_is_told(read):
    said = []
    for header, first in (("Date", 45292), ("timestamp", 1704067200), ("t", 1704067200000)):
        found = read(f"{header},y\n" + "".join(f"{first + day},{day}\n" for day in range(9)), said=said)
        assert found.frequency.text == "numbers"
    kinds = ["Excel's days", "seconds since 1970", "milliseconds since 1970"]
    assert [kind in line for kind, line in zip(kinds, said, strict=True)] == [True] * 3
    read("date,y\n2024-01-01T00:00+01:00,1\n2024-01-01T01:00+01:00,2\n", said=said)
    assert said[3:] == ["data.csv: the times have offsets from UTC; they are read and written as UTC."]


def test_a_frequency_says_the_season_of_what_has_no_dates(read):
    hours = "t,y\n" + "".join(f"{hour},{hour % 24}\n" for hour in range(60))
    found = read(hours, frequency="h")
    assert (found.frequency.text, found.season, len(found.series[0])) == ("numbers", 24, 60)
    assert open_series({"a": [1, 2]}, frequency="h").season == 24


def test_frames_and_arrays():
    import pandas as pd

    index = pd.date_range("2024-01-31", periods=3, freq="ME", name="when")
    found = open_series(pd.DataFrame({"a": [1.0, 2, 3], "b": [4.0, 5, 6]}, index=index))
    assert shown(found) == {"a": [1, 2, 3], "b": [4, 5, 6]} and found.frequency.text == "ME"
    assert shown(open_series(pd.Series([1.0, 2.0], index=index[:2], name="load"))) == {"load": [1, 2]}
    for series in ({"x": pd.Series([1.0, 2.0], index=index[:2])}, [pd.Series([1.0, 2.0], index=index[:2])]):
        assert open_series(series).frequency.text == "ME"
    named = open_series(pd.DataFrame({"a": [1, 2, 3]}, index=pd.Index(["2024-01", "2024-02", "2024-03"])))
    assert shown(named) == {"a": [1, 2, 3]} and named.frequency.text == "MS"
    levels = pd.MultiIndex.from_product([["a", "b"], index])
    assert open_series(pd.DataFrame({"y": np.arange(6.0)}, index=levels)).ids == ["a", "b"]
    with pytest.raises(RnnkitError, match="has 2 columns named 'y'"):
        open_series(pd.DataFrame(np.zeros((3, 2)), columns=["y", "y"], index=index))
    assert shown(open_series({"a": [1, 2], "b": np.array([3.0])})) == {"a": [1, 2], "b": [3]}
    assert shown(open_series([("a", 1, 5.0), ("a", 2, 6.0), ("b", 1, 7)])) == {"a": [5, 6], "b": [7]}
    assert shown(open_series([1, 2, None, 4][:2])) == {"series 1": [1, 2]}


BROKEN = {
    "date,y\n2024-01-01,1\n2024-01-02,high\n": "data.csv line 3: 'y' holds 'high', no number",
    "date,y\n2024-01-01,1\n2024-01-01,2\n": "data.csv line 3: the table has this time in line 2 already",
    "id,date,y\na,2024-01-01,1\nb,2024-01-01,1\na,2024-01-01,2\n": "the series 'a' has this time in line 2 already.",
    "date,y\n2024-01-01,1\n2024-01-02,2\n2024-01-03,3\n2024-01-03 12:00,4\n": "lies between two steps of D",
    "date,y\n2024-01-01,1\n,2\n": "line 3: the time 'date' is ",
    "date,y\n2024-01-01,1\nsoon,2\n": "line 3: the time 'date' is 'soon'",
    "date,y\n2024-01-01,inf\n": "line 2: 'y' holds 'inf', infinite",
    "date,y\n01/02/2024,1\n02/02/2024,2\n": "the day cannot be told from the month",
    "date,y\n": "there is a header but no row under it",
    "date,y\n2024-01-01,\n2024-01-02,\n": "none of its series has a value",
    "store,item,date,y\na,b,2024-01-01,1\n": "Name the columns that tell series apart: --series store,item",
    "id,date,a,b\nx,2024-01-01,1,2\nx,2024-01-02,1,2\n": "Name one: --value a",
    "date,date,y\n1,1,1\n": "has 2 columns named 'date'",
    "date,y\n2024-01-01,1\n2024-01-02,2\n2924-01-03,3\n": "Is this row's time right?",
    "V1,V2,V3,V4,V5\nH1,1,2,3,4\nH1,1,2,3,4\n": "the series 'H1' is in line 2 already",
    "V1,V2,V3,V4,V5\nH1,1,2,x,4\nH2,1,2,3,4\n": "'V4' holds 'x'",
}


@pytest.mark.parametrize("text", BROKEN)
def test_broken_tables(read, text):
    with pytest.raises(RnnkitError) as caught:
        read(text)
    assert "\n" not in str(caught.value)
    assert BROKEN[text] in str(caught.value)


def test_other_refusals(read):
    long = "item,date,y,promo,town\na,2024-01-01,1,0,x\na,2024-01-02,2,,x\n"
    with pytest.raises(RnnkitError, match="line 3: 'promo', which is known ahead, has no value"):
        read(long, columns={"known": "promo", "static": "town"})
    with pytest.raises(RnnkitError, match="'town', which is static, changes within the series 'a' from 'x' to 'z'"):
        read(long.replace(",,x", ",1,z"), columns={"known": "promo", "static": "town"})
    with pytest.raises(RnnkitError, match="The frequency is 'fortnight'; expected"):
        read(LONG, frequency="fortnight")
    with pytest.raises(RnnkitError, match="has no column 'price'"):
        read(LONG, columns={"value": "price"})
    mixed = "id,date,y\n" + "".join(f"a,2024-01-01 {hour:02d}:00,1\n" for hour in range(20))
    mixed += "".join(f"b,2024-01-{day:02d},1\n" for day in range(1, 9))
    with pytest.raises(RnnkitError, match="the series 'b' has a value every D, most others every h"):
        read(mixed)
    weekly = "date,y\n" + "".join(f"2024-01-{day:02d},1\n" for day in (1, 8, 15, 22, 29))
    with pytest.raises(RnnkitError, match="data.csv has a value every W, and none of its steps is D"):
        read(weekly, frequency="D")
    for data in ([], 7, [None] * 40, {"a": ["x"]}, [[1, float("inf")]]):
        with pytest.raises(RnnkitError):
            open_series(data)
