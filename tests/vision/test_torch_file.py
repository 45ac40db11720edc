import io
import pickle
import struct

import numpy as np
import pytest

from rnnkit.errors import RnnkitError
from rnnkit.vision.torch_file import read_torch_tensors

MAGIC = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
PROTOCOL = b"\x80\x02M\xe9\x03."
SYSTEM = b"\x80\x02}X\x0d\0\0\0little_endian\x88s."
NUMBERS = np.arange(24, dtype=np.float32) * 1.5


def text(word: str) -> bytes:
    return b"X" + struct.pack("<I", len(word)) + word.encode()


def integer(value: int) -> bytes:
    return b"J" + struct.pack("<i", value)


def numbers(*values: int) -> bytes:
    return b"(" + b"".join(map(integer, values)) + b"t"


def tensor(
    shape: tuple[int, ...],
    strides: tuple[int, ...],
    offset: int = 0,
    function: str = "torch._utils\n_rebuild_tensor_v2",
    kind: str = "torch\nFloatStorage",
    count: int = 24,
) -> bytes:
    """The instructions for one tensor, as PyTorch writes them."""
    storage = b"(" + text("storage") + b"c" + kind.encode() + b"\n" + text("7") + text("cpu") + integer(count) + b"NtQ"
    extras = integer(offset) + numbers(*shape) + numbers(*strides) + b"\x89" + b"ccollections\nOrderedDict\n)R"
    return b"c" + function.encode() + b"\n(" + storage + extras + b"tR"


def file_of(tensors: dict[str, bytes], stored: bytes = NUMBERS.tobytes(), count: int = 24) -> bytes:
    state = b"\x80\x02ccollections\nOrderedDict\n)R(" + b"".join(text(name) + made for name, made in tensors.items())
    state += b"u}" + text("_metadata") + b"Nsb."
    keys = b"\x80\x02](" + text("7") + b"e."
    return MAGIC + PROTOCOL + SYSTEM + state + keys + struct.pack("<q", count) + stored


def test_tensors_are_read_with_their_strides():
    found = read_torch_tensors(
        file_of({"plain": tensor((2, 3, 4), (12, 4, 1)), "turned": tensor((4, 2), (1, 4), 8), "one": tensor((), (), 5)})
    )
    assert list(found) == ["plain", "turned", "one"]
    assert (found["plain"] == NUMBERS.reshape(2, 3, 4)).all()
    assert (found["turned"] == NUMBERS[8:16].reshape(2, 4).T).all() and found["one"] == 7.5
    assert all(each.dtype == np.float32 and each.flags.c_contiguous for each in found.values())


@pytest.mark.parametrize("content", [
    b"", b"PK\x03\x04" + bytes(50), MAGIC, MAGIC[:-3], bytes(100), b"\x80\x02]q\0.",
    file_of({"a": tensor((25,), (1,))}), file_of({"a": tensor((2,), (1,), 23)}), file_of({"a": tensor((3,), (-1,), 5)}),
    file_of({"a": tensor((10_000, 10_000), (0, 0))}), file_of({"a": tensor((2,), (1,), -4)}),
    file_of({"a": tensor((24,), (1,))}, NUMBERS.tobytes()[:-1]), file_of({"a": tensor((24,), (1,))}, count=-1),
    file_of({"a": tensor((24,), (1,), count=2**30)}, count=2**30),
    file_of({"a": tensor((24,), (1,), kind="torch\nUnheardStorage")}), file_of({"a": integer(3)}),
    MAGIC + PROTOCOL + b"\x80\x02}X\x0d\0\0\0little_endian\x89s.",
])  # fmt: skip
def test_damaged_files_are_refused_in_a_line(content):
    with pytest.raises(RnnkitError, match="^a.pth is no state dict in PyTorch's old format") as caught:
        read_torch_tensors(content, "a.pth")
    assert "\n" not in str(caught.value)


class Harm:
    def __reduce__(self):
        return exec, ("raise SystemExit('executed')",)


@pytest.mark.parametrize("content", [
    pickle.dumps(Harm(), 2),
    MAGIC + PROTOCOL + pickle.dumps(Harm(), 2),
    MAGIC + PROTOCOL + SYSTEM + pickle.dumps({"a": Harm()}, 2),
    MAGIC + PROTOCOL + SYSTEM + pickle.dumps({"a": Harm()}, 0),
    MAGIC + PROTOCOL + SYSTEM + pickle.dumps({"a": Harm()}, 4),
    file_of({"a": tensor((2,), (1,), function="os\nsystem")}),
    file_of({"a": b"cbuiltins\neval\n(" + text("1") + b"tR"}),
    file_of({"a": b"cbuiltins\nobject\n)\x81"}),
    file_of({"a": b"(" + text("x") + b"ios\nsystem\n"}),
])  # fmt: skip
def test_nothing_in_a_file_is_executed(content):
    with pytest.raises(RnnkitError, match="no state dict"):
        read_torch_tensors(content)


@pytest.mark.slow  # importing PyTorch is
def test_files_of_pytorch_itself():
    torch = pytest.importorskip("torch", reason="writes such files")
    state = {
        "a": torch.randn(3, 4), "b": torch.randn(2, 3, 5, 5).permute(3, 2, 0, 1), "c": torch.tensor(7),
        "half": torch.randn(6).half(),
    }  # fmt: skip
    state["view"] = state["a"][1:, ::2]
    file = io.BytesIO()
    torch.save(state, file, _use_new_zipfile_serialization=False)
    found = read_torch_tensors(file.getvalue())
    assert all((found[name] == value.numpy()).all() for name, value in state.items()) and len(found) == 5
