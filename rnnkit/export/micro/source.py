"""The C++ source of a model for microcontrollers: its bytes as an array, and a header with all that a sketch needs."""

import re
from collections.abc import Iterable, Sequence
from importlib.resources import files

from rnnkit.export import flatbuffer
from rnnkit.export.micro.interface import Interface, Port
from rnnkit.export.micro.operators import add_call

#: The header with streams and decisions, the same for all models.
COMMON = "rnnkit_micro.h"
_A_LINE = 16  # bytes of the model
_LONGEST = 60


def identifier(name: str) -> str:
    """A C++ name from any.

    Example:

    >>> identifier("My gestures"), identifier("2nd"), identifier("日本")
    ('my_gestures', 'm_2nd', 'model')
    """
    found = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:_LONGEST]
    return (f"m_{found}" if found[0].isdigit() else found) if found else "model"


def sources(
    model: bytes,
    name: str,
    interface: Interface,
    arena: int,
    *,
    about: Sequence[str] = (),
    lists: Iterable[tuple[str, Sequence[str] | Sequence[bool]]] = (),
) -> dict[str, str]:
    """The files of a model by name: `NAME_model.h`, `NAME_model.cpp` and `rnnkit_micro.h`.

    Args:
        model: The bytes of a `.tflite` file.
        name: What it is called.
        interface: What it takes and gives.
        arena: Bytes of memory that the interpreter needs.
        about: Lines about it, for the head of the header.
        lists: Names of further arrays of texts or truth values, such as `kLabels`, and what is in them.
    """
    space = f"{identifier(name)}_model"
    common = (files("rnnkit.export.micro") / COMMON).read_text(encoding="utf-8")
    header = _header(model, space, interface, arena, about, lists)
    return {f"{space}.h": header, f"{space}.cpp": _array(model, space), COMMON: common}


def _header(
    model: bytes,
    space: str,
    interface: Interface,
    arena: int,
    about: Sequence[str],
    lists: Iterable[tuple[str, Sequence[str] | Sequence[bool]]],
) -> str:
    guard = f"RNNKIT_{space.upper()}_H_"
    operators = sorted(flatbuffer.operators(model))
    states = interface.states
    calls = "".join(f"\n         resolver.{add_call(each)}() == 0 &&" for each in operators).removesuffix(" &&")
    lines = [
        *(f"// {_plain(line)}" for line in about),
        "// Written by rnnkit; do not edit, export again.",
        f"#ifndef {guard}\n#define {guard}\n",
        f"namespace {space} {{\n",
        "// The model: a .tflite file, aligned to 16 bytes.",
        "extern const unsigned char kModel[];",
        f"constexpr unsigned kModelSize = {len(model)};\n",
        "// Bytes of memory with which the interpreter opened it, on a 64-bit machine with the reference kernels. One",
        "// of 32 bits needs less; kernels tuned for it may need some more: AllocateTensors() says so.",
        f"constexpr unsigned kArenaSize = {arena};\n",
        "// What goes in and comes out, in order. Output i is the new state of input i, from 1 on." if states else None,
        *_ports("Input", interface.inputs),
        *_ports("Output", interface.outputs),
        "// The numbers in all states; they begin with zeros." if states else None,
        f"constexpr unsigned kStateCount = {sum(port.size for port in states)};\n" if states else None,
        *(line for title, content in lists for line in _list(title, content)),
        "// Adds the operators of the model to a tflite::MicroMutableOpResolver<kOperatorCount>.",
        f"constexpr int kOperatorCount = {len(operators)};",
        "template <class Resolver>\nbool AddOperators(Resolver& resolver) {",
        f"  return{calls.replace(' ' * 9, ' ', 1).replace(chr(10), '', 1)};\n}}\n",
        f"}}  // namespace {space}\n\n#endif  // {guard}\n",
    ]
    return "\n".join(line for line in lines if line is not None)


def _ports(kind: str, ports: Sequence[Port]) -> list[str]:
    """The constants of the inputs or outputs."""
    shown = ", ".join(f"{port.name} {list(port.shape)} {port.dtype.__name__}" for port in ports)
    return [
        f"// {shown}; scale 1, zero point 0: numbers as they are.",
        f"constexpr int k{kind}Count = {len(ports)};",
        f"constexpr const char* k{kind}Names[] = {{{', '.join(_text(port.name) for port in ports)}}};",
        f"constexpr int k{kind}Sizes[] = {{{', '.join(str(port.size) for port in ports)}}};\n",
    ]


def _list(title: str, content: Sequence[str] | Sequence[bool]) -> list[str]:
    """The constants of an array: its length, and what is in it; truth values are as many as the texts before them."""
    if isinstance(content[0], bool):
        return [f"constexpr bool {title}[] = {{{', '.join('true' if each else 'false' for each in content)}}};\n"]
    return [
        f"constexpr int {title.removesuffix('s')}Count = {len(content)};",
        f"constexpr const char* {title}[] = {{{', '.join(_text(str(each)) for each in content)}}};\n",
    ]


def _text(text: str) -> str:
    """A C++ literal of any text, in UTF-8; escapes in octal end after three digits, others do not."""
    return '"' + "".join(chr(byte) if _is_plain(byte) else f"\\{byte:03o}" for byte in text.encode()) + '"'


def _is_plain(byte: int) -> bool:
    return 32 <= byte < 127 and chr(byte) not in '"\\?'  # ? begins a trigraph


def _plain(line: str) -> str:
    """A line for a comment: ASCII, and no backslash, which would continue it."""
    return line.encode("ascii", "replace").decode().replace("\\", "/").replace("\n", " ")


def _array(model: bytes, space: str) -> str:
    rows = (model[start : start + _A_LINE] for start in range(0, len(model), _A_LINE))
    numbers = ",\n".join("  " + ", ".join(f"0x{byte:02x}" for byte in row) for row in rows)
    return (
        f'// The bytes of model.tflite. Written by rnnkit; do not edit, export again.\n#include "{space}.h"\n\n'
        f"namespace {space} {{\n\nalignas(16) extern const unsigned char kModel[] = {{\n{numbers},\n}};\n\n"
        f"}}  // namespace {space}\n"
    )
