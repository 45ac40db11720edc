"""A parser of bracketed or nested trees, without recursion, that reports the place of every mistake."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from rnnkit.errors import RnnkitError

#: Which nodes must have a label.
LABELLED = ("every", "root", "none")
_MOST_NODES = 2**20  # of a tree; each that is open takes 200 bytes of memory
EXAMPLE = "(3 (2 It) (4 works))"
#: Words end at ASCII blanks alone: treebanks keep "2 1/2" one word with a no-break space.
_TOKEN = re.compile(r"[()]|[^\s()]+", re.ASCII)
#: Word or None, label or None, number of children.
Node = tuple[str | None, str | None, int]


class Token(NamedTuple):
    text: str
    bracket: bool
    at: str


def text_tokens(lines: Iterable[str], name: str) -> Iterator[Token]:
    """Brackets and words of text, with line and column."""
    for number, line in enumerate(lines, 1):
        for found in _TOKEN.finditer(line):
            yield Token(found[0], found[0] in "()", f"{name}, line {number}, column {found.start() + 1}")


def nested_tokens(value: Any, name: str) -> Iterator[Token]:
    """Nested lists as the tokens of the same tree in brackets; places are counted in opening brackets."""
    pending, brackets = [iter([value])], 0
    while pending:
        item = next(pending[-1], pending)
        if item is pending:
            pending.pop()
            if pending:
                yield Token(")", True, f"{name}, list {brackets}")
        elif isinstance(item, list | tuple):
            brackets += 1
            pending.append(iter(item))
            yield Token("(", True, f"{name}, list {brackets}")
        elif item is not None:
            text, at = str(item), f"{name}, list {brackets}"
            if not _TOKEN.fullmatch(text) or text in "()":
                raise RnnkitError(f"{at}: {text!r:.40} has a blank or a bracket in it; write -LRB- for (, -RRB- for ).")
            yield Token(text, False, at)


def parse_nodes(tokens: Iterator[Token], labels: str) -> Iterator[list[Node]]:
    """The nodes of each tree, children before their parent.

    Args:
        tokens: From `text_tokens` or `nested_tokens`.
        labels: Which nodes must have a label: "every", "root" or "none".

    Raises:
        RnnkitError: The brackets do not match, or a label or word is missing; names the place.
    """
    if labels not in LABELLED:
        raise RnnkitError(f"labels is {labels!r}; expected one of {', '.join(LABELLED)}.")
    nodes: list[Node] = []
    opened: list[tuple[str, list[str]]] = []  # where, and what stands in the bracket
    counts: list[int] = []  # children of each that is open
    for token in tokens:
        if not token.bracket:
            _check_atom(token, opened[-1][1] if opened else None, counts[-1] if counts else 0)
            opened[-1][1].append(token.text)
        elif token.text == "(":
            if len(nodes) + len(opened) >= _MOST_NODES:
                raise RnnkitError(f"{token.at}: the tree has over {_MOST_NODES:,} nodes. Is a bracket left open?")
            if opened and len(opened[-1][1]) > 1:
                raise RnnkitError(f"{token.at}: a bracket opens after the word {opened[-1][1][1]!r}; close that first.")
            opened.append((token.at, []))
            counts.append(0)
        else:
            if not opened:
                raise RnnkitError(f"{token.at}: this bracket closes nothing; one ) too many, or one ( too few.")
            at, inside = opened.pop()
            count = counts.pop()
            nodes.append(_node(at, inside, count, labels == "every" or (labels == "root" and not opened)))
            if opened:
                counts[-1] += 1
            else:
                yield nodes
                nodes = []
    if opened:
        raise RnnkitError(f"{opened[0][0]}: the tree that begins here is never closed; a ) is missing.")


def _check_atom(token: Token, inside: list[str] | None, children: int) -> None:
    if inside is None:
        raise RnnkitError(f"{token.at}: {token.text!r:.40} stands outside all brackets; expected {EXAMPLE}.")
    if children:
        raise RnnkitError(f"{token.at}: {token.text!r:.40} follows a child; a node is (label child child ...).")
    if len(inside) > 1:
        raise RnnkitError(f"{token.at}: {token.text!r:.40} is a second word; put each word in its own brackets.")


def _node(at: str, inside: list[str], children: int, needs_label: bool) -> Node:
    if children:
        label, word = (inside[0] if inside else None), None
    elif not inside:
        raise RnnkitError(f"{at}: there is nothing in this bracket; a leaf is (label word).")
    else:
        label, word = (inside[0] if len(inside) > 1 else None), inside[-1]
    if needs_label and label is None:
        kind = "node has" if children else f"leaf holds {word!r:.40} alone, so it has"
        raise RnnkitError(f"{at}: this {kind} no label; expected {EXAMPLE}.")
    return word, label, children
