"""Weight files of PyTorch's old format whose counts, shapes and strides promise more than there is: one line each."""

import io
import pickle

import pytest

from rnnkit.errors import RnnkitError
from rnnkit.vision.torch_file import read_torch_tensors

HUGE = (2**31, 2**62, 2**63, 2**64, 2**2000, -1, -(2**62))


class Named:
    """What a pickle writes as a name of PyTorch's, or as a call of one."""

    def __init__(self, name, arguments=None):
        self.name, self.arguments = name, arguments


class Pair:
    """A dictionary of a single entry, whose key Python would take ages to hash."""

    def __init__(self, key, value):
        self.key, self.value = key, value


class Writer(pickle._Pickler):
    """Writes names and storages as PyTorch does; the standard library's C pickler would look the names up."""

    def save(self, each, save_persistent_id=True):
        if isinstance(each, Pair):
            self.write(pickle.EMPTY_DICT)
            self.save(each.key)
            self.save(each.value)
            self.write(pickle.SETITEM)
            return None
        if not isinstance(each, Named):
            return super().save(each, save_persistent_id)
        self.write(pickle.GLOBAL + each.name.replace(" ", "\n").encode() + b"\n")
        if each.arguments is not None:
            self.save(each.arguments)
            self.write(pickle.REDUCE)
        return None

    def persistent_id(self, each):
        return each if isinstance(each, tuple) and each[:1] == ("storage",) else None


def torch_file(offset=0, shape=(2, 3), strides=(3, 1), promised=6, count=6, key="k", name="w", keys=None):
    storage = ("storage", Named("torch FloatStorage"), key, "cpu", promised, None)
    tensor = Named("torch._utils _rebuild_tensor_v2", (storage, offset, shape, strides))
    stream = io.BytesIO()
    for part in (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}, Pair(name, tensor), keys or ["k"]):
        Writer(stream, 2).dump(part)
    return stream.getvalue() + count.to_bytes(8, "little", signed=False) + bytes(24)


def test_a_sound_one_is_read():
    assert read_torch_tensors(torch_file())["w"].shape == (2, 3)
    assert read_torch_tensors(torch_file(shape=(0, 5), strides=(5, 1)))["w"].shape == (0, 5)


def nested(depth):
    made = ()
    for _ in range(depth):
        made = (made, made)
    return made


@pytest.mark.parametrize("size", HUGE)
def test_sizes_beyond_the_file(size):
    faulty = [{"offset": size}, {"shape": (size, 3)}, {"shape": (0, size)}, {"strides": (size, 1)}, {"promised": size},
              {"shape": (0, 3), "strides": (size, 1)}, {"shape": (1,) * 70, "strides": (size,) * 70}]  # fmt: skip
    faulty += [{"count": size, "promised": size}] if 0 < size < 2**64 else []
    for wrong in faulty:
        with pytest.raises(RnnkitError, match=r"^x\.pth is no state dict .*\.$") as caught:
            read_torch_tensors(torch_file(**wrong), "x.pth")
        assert "\n" not in str(caught.value) and len(str(caught.value)) < 300


def test_tuples_within_tuples_are_never_hashed_or_written_out():
    for wrong in ({"name": nested(60)}, {"key": nested(60)}, {"keys": [nested(60)]}, {"promised": nested(60)}):
        with pytest.raises(RnnkitError, match="is no state dict"):
            read_torch_tensors(torch_file(**wrong), "x.pth")
