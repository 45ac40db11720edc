"""Check the operators that run other graphs: that these are there, fit, and do not run each other in a circle."""

import numpy as np

from rnnkit.lite.model.flat_tables import Lists, Tables, damaged
from rnnkit.lite.model.model_file import ModelFile

WHILE, IF = 119, 118


def check_calls(file: ModelFile) -> None:
    """Refuse loops and branches whose graphs are missing, take something else, or call themselves.

    Raises:
        RnnkitError: One does.
    """
    operators = file.operators
    chosen = np.flatnonzero((operators.kind == WHILE) | (operators.kind == IF))
    options = Tables(file.content, operators.options.places[chosen])
    pairs = np.stack([options.field(0, "<i4"), options.field(1, "<i4")], -1).reshape(-1, 2)
    if ((pairs < 0) | (pairs >= len(file.graphs.graph))).any():
        raise damaged("an operator runs a graph that there is not")
    calls: dict[int, set[int]] = {}
    for operator, pair in zip(chosen.tolist(), pairs.tolist(), strict=True):
        calls.setdefault(int(operators.graph[operator]), set()).update(pair)
        given = _types(file, operators.inputs, operator, int(operators.graph[operator]))
        made = _types(file, operators.outputs, operator, int(operators.graph[operator]))
        (one_in, one_out), (other_in, other_out) = (_interface(file, graph) for graph in pair)
        if operators.kind[operator] == WHILE:
            fits = given == made == one_in == other_in == other_out and one_out == [6]  # one truth value
        else:
            fits = given[0] == 6 and given[1:] == one_in == other_in and made == one_out == other_out
        if not fits:
            raise damaged("an operator runs a graph that takes or gives something else")
    _check_circles(calls)


def _check_circles(calls: dict[int, set[int]]) -> None:
    """Take away graphs that call none of those left, until nothing is left."""
    while calls:
        done = [graph for graph, called in calls.items() if not called & calls.keys()]
        if not done:
            raise damaged("its graphs run each other in a circle")
        for graph in done:
            del calls[graph]


def _interface(file: ModelFile, graph: int) -> tuple[list[int], list[int]]:
    graphs = file.graphs
    return _types(file, graphs.inputs, graph, graph), _types(file, graphs.outputs, graph, graph)


def _types(file: ModelFile, lists: Lists, owner: int, graph: int) -> list[int]:
    """The types of the tensors in one list; -1 for one that is not there."""
    found = lists.of(owner)
    return [int(file.tensors.type[file.first[graph] + place]) if place >= 0 else -1 for place in found.tolist()]
