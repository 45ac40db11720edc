"""What counts as a data frame: pandas's, Hugging Face's `datasets`, and whatever can be exchanged with either."""

from typing import Any


def is_frame(data: Any) -> bool:
    """Whether `rnnkit.data.frames.as_pandas` takes this: a table of pandas, polars, Arrow, `datasets` or the like.

    Example:

    >>> import pandas
    >>> is_frame(pandas.DataFrame({"text": ["good"]})), is_frame([("good", 1)])
    (True, False)
    """
    return is_pandas(data) or is_hugging_face(data) or hasattr(data, "__dataframe__") or is_arrow(data)


def is_pandas(data: Any) -> bool:
    """Whether this is a `pandas.DataFrame`, or behaves as one."""
    return hasattr(data, "columns") and hasattr(data, "notna")


def is_arrow(data: Any) -> bool:
    """Whether this gives a table by Arrow's protocol, and is one rather than a single column."""
    return hasattr(data, "__arrow_c_stream__") and (hasattr(data, "column_names") or hasattr(data, "columns"))


def is_hugging_face(data: Any) -> bool:
    """Whether this is a `datasets.Dataset`, or one that is read bit by bit."""
    return hasattr(data, "features") and hasattr(data, "column_names") and hasattr(data, "__iter__")
