"""A FlatBuffer builder that writes every distinct object once."""

from typing import Any

import flatbuffers
import numpy as np
from flatbuffers import number_types

BUFFER_ALIGNMENT = 16  # schema.fbs: `data:[ubyte] (force_align: 16)`, which the generated Python leaves out


class SharingBuilder(flatbuffers.Builder):
    """Writes equal tables, number vectors and strings once and points to them from everywhere.

    The ordinary builder already shares table layouts; this one holds a table's fields back until the table ends, so
    that an equal earlier one can be found, and lays them out largest first, which saves padding.
    """

    def __init__(self, initialSize: int = 1024) -> None:
        super().__init__(initialSize)
        self._written: dict[tuple[Any, ...], int] = {}
        self._fields: list[tuple[int, Any, Any, bool]] = []

    def StartObject(self, numfields: int) -> None:
        super().StartObject(numfields)
        self._fields = []

    def PrependSlot(self, flags: Any, o: int, x: Any, d: Any) -> None:
        if x is not None and x != d:
            self._fields.append((o, flags, x, False))

    def PrependUOffsetTRelativeSlot(self, o: int, x: Any, d: Any) -> None:
        if x != d:
            self._fields.append((o, number_types.UOffsetTFlags, x, True))

    def EndObject(self) -> int:
        key = ("table", *self._fields)
        if key in self._written:
            self.nested, self.current_vtable = False, None
            return self._written[key]
        for slot, flags, value, is_offset in sorted(self._fields, key=lambda field: -field[1].bytewidth):
            if is_offset:
                self.PrependUOffsetTRelative(value)
            else:
                self.Prepend(flags, value)
            self.Slot(slot)
        self._written[key] = super().EndObject()
        return self._written[key]

    def CreateString(self, s: str | bytes, encoding: str = "utf-8", errors: str = "strict") -> int:
        key = ("string", s.encode(encoding, errors) if isinstance(s, str) else s)
        if key not in self._written:
            self._written[key] = super().CreateString(key[1])
        return self._written[key]

    def CreateNumpyVector(self, x: np.ndarray) -> int:
        payload = x.astype(x.dtype.newbyteorder("<"), copy=False).tobytes()
        key = ("vector", x.itemsize, payload)
        if key not in self._written:
            self.StartVector(x.itemsize, x.size, BUFFER_ALIGNMENT if x.dtype == np.uint8 else x.itemsize)
            self.head -= len(payload)
            self.Bytes[self.head : self.head + len(payload)] = payload
            self._written[key] = self.EndVector()
        return self._written[key]
