"""Every regular expression in rnnkit, found in its source, and the texts that a slow one of its kind would choke on."""

import ast
import importlib
import re
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from re import _parser  # type: ignore[attr-defined]
from typing import Any, NamedTuple

import rnnkit

ROOT = Path(rnnkit.__file__).parent
_METHODS = {"search", "match", "fullmatch", "split", "findall", "finditer", "sub", "subn"}
_SIZE, _LONG = 2_000, 0.0015  # characters, and seconds that a linear pattern does not take for so many
#: What stands for names that only a function knows.
_LOCAL = {"delimiter": ";", "first": "de", "second": "en", "longest_first": "pt_br|de|en"}
_CATEGORIES = {"DIGIT": "0", "NOT_DIGIT": "a", "SPACE": " ", "NOT_SPACE": "a", "WORD": "a", "NOT_WORD": "!"}
_ALWAYS = ("a", "0", " ", "\n", "!")


class Applied(NamedTuple):
    """A pattern, and the methods by which rnnkit applies it to texts."""

    pattern: re.Pattern[str]
    methods: frozenset[str]


def patterns() -> dict[str, Applied]:
    """Where a pattern is written, as "module: expression", and the pattern."""
    trees = {path: ast.parse(path.read_text("utf-8")) for path in sorted(ROOT.rglob("*.py"))}
    nodes = [(path, node) for path, tree in trees.items() for node in ast.walk(tree)]
    used: dict[object, set[str]] = {}  # name to methods, that of a private one with its module
    for path, node in nodes:
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.attr in _METHODS:
            used.setdefault(_known_as(path, node.value.id), set()).add(node.attr)
    names = {
        node.value: _known_as(path, target.id)
        for path, node in nodes
        if isinstance(node, ast.Assign) and isinstance(target := node.targets[0], ast.Name)
    }
    found: dict[str, Applied] = {}
    for path, call in nodes:
        if isinstance(call, ast.Call) and (function := _applied(call.func)):
            module = ".".join(("rnnkit", *path.relative_to(ROOT).with_suffix("").parts))
            methods = {function} if function in _METHODS else used.get(names.get(call, ""), set()) or _METHODS
            found[f"{module}: {ast.unparse(call.args[0])[:80]}"] = Applied(_compiled(call, module), frozenset(methods))
    return found


def _known_as(path: Path, name: str) -> object:
    return (path, name) if name.startswith("_") else name


def _applied(function: ast.expr) -> str:
    """The function of the module `re` that is called; "" where it is another."""
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id == "re":
        return function.attr if function.attr in {*_METHODS, "compile"} else ""
    return "compile" if isinstance(function, ast.Name) and function.id == "pattern" else ""


def _compiled(call: ast.Call, module: str) -> re.Pattern[str]:
    """The pattern; a name that neither the module nor `_LOCAL` knows fails, so that a new one gets its sample."""
    flags = [*call.args[1:], *(keyword.value for keyword in call.keywords if keyword.arg == "flags")]
    written = [text for text in map(ast.unparse, flags) if re.fullmatch(r"re\.[A-Z]+( \| re\.[A-Z]+)*", text)]
    texts = [ast.unparse(call.args[0]), *written]
    names: dict[str, Any] = {"re": re, **_LOCAL}
    if any(isinstance(node, ast.Name) and node.id not in names for node in ast.walk(call.args[0])):
        names |= vars(importlib.import_module(module))
    expression, *options = (eval(text, dict(names)) for text in texts)
    made: re.Pattern[str] = re.compile(expression, options[0] if options else 0)
    return made


def units(pattern: re.Pattern[str]) -> list[str]:
    """Strings that mean something to a pattern: its characters, and what each of its sequences begins with."""
    found = dict.fromkeys(_ALWAYS)
    for sequence in _sequences(_parser.parse(pattern.pattern, pattern.flags)):
        begun = ""
        for operation, argument in sequence:
            for sample in _samples(operation, argument):
                found[sample] = None
            begun += next(iter(_samples(operation, argument)), "")
            if len(begun) < 9:
                found[begun] = None
    return [unit for unit in found if unit][:60]


def _sequences(parsed: Any) -> Iterator[list[Any]]:
    """The pattern's sequences of operations, those within groups, repeats and branches too."""
    yield list(parsed)
    for _, argument in parsed:
        for inner in argument if isinstance(argument, tuple) else (argument,):
            for each in inner if isinstance(inner, list) else (inner,):
                if isinstance(each, _parser.SubPattern):
                    yield from _sequences(each)


def _samples(operation: Any, argument: Any) -> list[str]:
    """Characters that an operation takes."""
    name = str(operation)
    if name == "LITERAL":
        return [chr(argument)]
    if name == "IN":
        return [sample for inner in argument for sample in _samples(*inner)][:6]
    if name == "RANGE":
        return [chr(argument[0])]
    if name == "CATEGORY":
        return [_CATEGORIES[str(argument).removeprefix("CATEGORY_")]]
    if "REPEAT" in name:
        return _samples(*argument[2][0]) if argument[2] else []
    if name == "SUBPATTERN":
        return _samples(*argument[3][0]) if argument[3] else []
    if name == "BRANCH":
        return [sample for branch in argument[1] if branch for sample in _samples(*branch[0])][:6]
    return []


def seconds(applied: Applied, text: str) -> float:
    """Of the processor, that the pattern takes as it is applied."""
    pattern = applied.pattern
    begun = time.process_time()
    if applied.methods - {"match", "fullmatch"}:
        deque(pattern.finditer(text), maxlen=0)
    if "match" in applied.methods:
        pattern.match(text)
    if "fullmatch" in applied.methods:
        pattern.fullmatch(text)
    return time.process_time() - begun


def grows_fast(applied: Applied, before: str, unit: str, after: str) -> bool:
    """Whether 4 times as much text takes far more than 4 times as long; that is asked only where it takes long."""

    def least(size: int, tries: int) -> float:
        return min(seconds(applied, before + unit * (size // len(unit)) + after) for _ in range(tries))

    if least(_SIZE, 1) < _LONG:
        return False
    return least(4 * _SIZE, 2) > 9 * least(_SIZE, 3)  # 4 where it is linear, 16 where it is quadratic
