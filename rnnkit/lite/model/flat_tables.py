"""Read a FlatBuffer with numpy, all tables of a kind at once, and trusts none of its offsets.

An unrolled model has some 10,000 operators: one by one they would take longer to read than the model to open.
"""

from dataclasses import dataclass

import numpy as np

from rnnkit.errors import RnnkitError

_MOST_NUMBERS = 2**24  # in all lists of a kind; many tables may share one list, so the file's size is no bound


@dataclass(frozen=True)
class Lists:
    """One list of numbers for each of several tables, an empty one where a table has none.

    Args:
        lengths: How many numbers each list has.
        owners: For each number the table it belongs to.
        values: The numbers, list after list.
    """

    lengths: np.ndarray
    owners: np.ndarray
    values: np.ndarray

    @property
    def first(self) -> np.ndarray:
        """The start of each list in `values`."""
        return np.cumsum(self.lengths) - self.lengths

    def product(self) -> np.ndarray:
        """The product of each list in floating point, which does not overflow; 1 for an empty one."""
        made, filled = np.ones(len(self.lengths)), self.lengths > 0
        if filled.any():
            made[filled] = np.multiply.reduceat(self.values.astype(np.float64), self.first[filled])
        return made

    def of(self, table: int) -> np.ndarray:
        """The list of one table."""
        first = int(self.lengths[:table].sum())
        return self.values[first : first + int(self.lengths[table])]


class Content:
    """The bytes of a file, read as numbers of any type at many places at once.

    Args:
        model: The whole file.
    """

    def __init__(self, model: bytes) -> None:
        self.size = len(model)
        self._views = {
            kind: (np.frombuffer(model, kind, len(model) // np.dtype(kind).itemsize), np.dtype(kind).itemsize // 2)
            for kind in ("<i1", "<u1", "<u2", "<i4", "<u4", "<f4", "<i8", "<u8")
        }

    def numbers(self, places: np.ndarray, kind: str) -> np.ndarray:
        """The numbers of a type at places, int64 or float64. Those of a whole file lie at multiples of their width.

        Raises:
            RnnkitError: A place lies outside.

        Example:

        >>> Content(bytes([9, 0, 1, 2])).numbers(np.array([2, 0]), "<u2").tolist()
        [513, 9]
        """
        view, width = self._views[kind]
        try:
            found = view[places >> (width if width < 4 else 3)]
        except IndexError:
            raise damaged("it points beyond its end") from None
        return found.astype(np.float64 if kind == "<f4" else np.int64)


class Tables:
    """Tables of one kind.

    Args:
        content: The whole file.
        places: Where each table is; 0 stands for none, whose fields have their defaults.
        fields: How many fields to read at most.

    Raises:
        RnnkitError: One does not lie in the file.
    """

    def __init__(self, content: Content, places: np.ndarray, fields: int = 14) -> None:
        self.content, self.places = content, places
        self.there = places > 0
        layout = places - content.numbers(places, "<i4")  # of the fields of each table; the file's own start for none
        layout[~self.there] = 0
        if (layout < 0).any():
            raise damaged("it points beyond its start")
        size = content.numbers(layout, "<u2")
        size[~self.there] = 0
        slots = np.arange(4, 4 + 2 * min(fields, (int(size.max(initial=4)) - 4) // 2), 2)
        known = slots < size[:, None] - 1
        offsets = content.numbers(np.where(known, layout[:, None] + slots, 0), "<u2")
        self._fields = np.where(known & (offsets > 0), places[:, None] + offsets, 0).T

    def __len__(self) -> int:
        return len(self.places)

    def field(self, number: int, kind: str, default: int = 0) -> np.ndarray:
        """A number of each table.

        Args:
            number: The field's in the schema.
            kind: Its type, such as "<i4".
            default: The number of a table that does not say it.
        """
        places = self._places(number)
        if not places.any():
            return np.full(len(self), default)
        return np.where(places > 0, self.content.numbers(places, kind), default)

    def has(self, number: int) -> np.ndarray:
        """Which tables have a field."""
        return self._places(number) > 0

    def tables(self, number: int, fields: int = 14) -> "Tables":
        """The table that a field of each table points to."""
        return Tables(self.content, self._targets(number), fields)

    def vectors(self, number: int, width: int) -> tuple[np.ndarray, np.ndarray]:
        """Start and length of each table's list.

        Args:
            number: The field's in the schema.
            width: Bytes of an item.
        """
        places = self._targets(number)
        lengths = np.where(places > 0, self.content.numbers(places, "<u4"), 0)
        if (places + lengths * width + 4 > self.content.size).any():
            raise damaged("a list reaches beyond its end")
        return places + 4, lengths

    def lists(self, number: int, kind: str) -> Lists:
        """A list of numbers of each table."""
        if not self._places(number).any():
            nothing = np.zeros(0, np.int64)
            return Lists(np.zeros(len(self), np.int64), nothing, nothing)
        width = np.dtype(kind).itemsize
        first, lengths, owners, within = self._items(number, width)
        return Lists(lengths, owners, self.content.numbers(first[owners] + within * width, kind))

    def members(self, number: int) -> tuple["Tables", np.ndarray]:
        """All tables in the lists of tables that the tables have, and how many each has."""
        first, lengths, owners, within = self._items(number, 4)
        places = first[owners] + within * 4
        return Tables(self.content, places + self.content.numbers(places, "<u4")), lengths

    def _items(self, number: int, width: int) -> tuple[np.ndarray, ...]:
        first, lengths = self.vectors(number, width)
        if lengths.sum() > _MOST_NUMBERS:
            raise damaged(f"its lists hold {int(lengths.sum())} items")
        owners = np.repeat(np.arange(len(self)), lengths)
        return first, lengths, owners, np.arange(len(owners)) - (np.cumsum(lengths) - lengths)[owners]

    def _places(self, number: int) -> np.ndarray:
        return self._fields[number] if number < len(self._fields) else np.zeros_like(self.places)

    def _targets(self, number: int) -> np.ndarray:
        places = self._places(number)
        return np.where(places > 0, places + self.content.numbers(places, "<u4"), 0)


def damaged(why: str) -> RnnkitError:
    """The error for a file that no exporter can have written."""
    return RnnkitError(f"LiteRT cannot run this model: its file is damaged, {why}. Export it again, or copy it again.")
