"""Point 1: every argument of the constructor is kept, survives saving, and does what it says."""

import json
from typing import Any

import keras
import numpy as np

from rnnkit.layers.cell import RecurrentCell
from rnnkit.layers.deep import takes_transition
from rnnkit.layers.recurrent import OPTIONS, Recurrent
from rnnkit.testing.require import require, require_equal
from rnnkit.testing.subject import Subject

#: For each option of `Recurrent` a value that is not its default.
LAYER_OPTIONS: dict[str, Any] = {
    "layers": 2,
    "input_layers": 1,
    "transition_layers": 1,
    "output_layers": 1,
    "depth_activation": "relu",
    "initial_state": "learned",
    "truncate": 3,
    "weight_drop": 0.25,
    "bidirectional": True,
    "merge_mode": "sum",
    "return_sequences": True,
    "return_state": True,
    "pooling": "max",
    "go_backwards": True,
    "unroll": True,
    "dropout_between": 0.25,
    "residual": True,
}
NOISES: tuple[dict[str, Any], ...] = (
    {"dropout": 0.4},
    {"dropout": 0.4, "variational": False},
    {"recurrent_dropout": 0.4},
    {"recurrent_dropout": 0.4, "variational": False},
    {"zoneout": 0.4},
)


_LONG, _VISIBLE = 70, 1e-3  # steps, and a change of an output


def kept(subject: Subject) -> None:
    """get_config holds every argument, and a cell made from it has the same."""
    plain = subject.cell().get_config()
    unusual = unusual_arguments(subject)
    config = subject.cell(**unusual).get_config()
    for name in subject.cell_class.arguments():
        require(name in config, f"get_config() lacks {name!r}. Keep the argument as self.{name}.")
    for name in unusual:
        require(
            name in subject.arguments or config[name] != plain[name],
            f"{name}={unusual[name]!r} was given, but get_config() says {config[name]!r}. Keep it as self.{name}.",
        )
    written = json.loads(json.dumps(config))
    again = subject.cell_class.from_config(written).get_config()
    lost = [
        f"{name}: {again.get(name)!r} instead of {config[name]!r}" for name in config if again[name] != config[name]
    ]
    require(not lost, f"Arguments change when a cell is made from its config: {'; '.join(lost)}.")


def layer_kept(subject: Subject) -> None:
    """The layer's options and the cell inside it survive as well."""
    # "stateful" goes with no learned first states, and is tried in the SavedModel; "block" goes with no "residual".
    known = {*LAYER_OPTIONS, "stateful", "block"}
    require(known == set(OPTIONS), f"No unusual value for {set(OPTIONS) ^ known}.")
    unusual = unusual_arguments(subject)
    options = {**LAYER_OPTIONS, "transition_layers": int(takes_transition(subject.cell_class))}
    made = subject.class_layer()(subject.units, **{**subject.arguments, **unusual}, **options)
    for layer in (Recurrent(subject.cell(**unusual), **options), made):
        written = json.loads(json.dumps(keras.saving.serialize_keras_object(layer)))
        again = keras.saving.deserialize_keras_object(written)
        require(type(again) is type(layer), f"{layer!r} came back as {again!r}.")
        for name, value in options.items():
            require(getattr(again, name) == value, f"The layer's {name} came back as {getattr(again, name)!r}.")
        same = {key: (value, again.cell.get_config()[key]) for key, value in layer.cell.get_config().items()}
        lost = [
            f"{key}: {new!r} instead of {old!r}" for key, (old, new) in same.items() if old != new and key != "name"
        ]
        require(not lost, f"Arguments of the cell in {type(layer).__name__} change: {'; '.join(lost)}.")


def unusual_arguments(subject: Subject) -> dict[str, Any]:
    """Values that are not the defaults, for every argument whose kind is known and that the cell accepts alone."""
    found: dict[str, Any] = {}
    for name, default in subject.cell_class.arguments().items():
        value = subject.arguments.get(name, _unusual(name, default))
        if name == "units" or value is None:
            continue
        try:
            subject.cell(**{name: value})
        except (TypeError, ValueError):
            continue  # what the cell refuses, it need not keep
        found[name] = value
    return found


def _unusual(name: str, default: Any) -> Any:
    if name.endswith("activation"):
        return "softsign"
    if name.endswith("initializer"):
        return keras.initializers.RandomNormal(stddev=0.03, seed=3)
    if name.endswith("regularizer"):
        return keras.regularizers.L2(0.03)
    if isinstance(default, bool):
        return not default
    if isinstance(default, float):
        return 0.25 if default != 0.25 else 0.75
    if isinstance(default, int) or name == "seed":
        return (default or 6) + 1
    return None


def noise(subject: Subject) -> None:
    """Dropout and zoneout change what training sees and nothing else, follow the seed, and let gradients through."""
    clean = subject.layer(return_sequences=True)
    for given in NOISES:
        kind = next(iter(given))
        if kind in subject.cell_class.refuses:
            continue
        what = ", ".join(f"{name}={value}" for name, value in given.items())
        cell = {**given, "seed": 5}
        for inputs in (subject.inputs(), subject.inputs(time=_LONG)):  # in a few steps a slow clock may stay shut
            noisy, twin = (subject.layer(cell, like=clean, return_sequences=True) for _ in range(2))
            trained, expected = noisy(inputs, training=True), clean(inputs)
            changed = np.abs(keras.ops.convert_to_numpy(trained - expected)).max()
            if changed > _VISIBLE:
                break
        require(
            changed > _VISIBLE,
            f"{what} changes nothing in training. Meet the input in project(x) and the state through self.recur(h).",
        )
        require_equal(f"{what}: the same seed", twin(inputs, training=True), trained, 1e-6, "Use self.seed_generator.")
        if kind == "zoneout":
            _expects(subject, clean, 0.4)
        else:
            require_equal(f"{what} outside training", noisy(inputs), expected, 1e-6, "Heed `training`.")


def _expects(subject: Subject, clean: Recurrent, rate: float) -> None:
    """Outside training zoneout is its expectation: a share of the old state stays."""
    layer = subject.layer({"zoneout": rate}, like=clean, return_state=True)
    cell: RecurrentCell = clean.cells[0]
    old = [keras.ops.convert_to_tensor(state) for state in subject.states(clean)]
    x = keras.ops.convert_to_tensor(subject.inputs(time=1))
    new = cell.step(cell.project(x[:, 0]), *old)
    _, *last = layer(x, initial_state=old)
    for name, before, after, got in zip(cell.state_names, old, new, last, strict=True):
        wanted = after if name in cell.idle_states else rate * before + (1 - rate) * after
        require_equal(f"zoneout={rate} outside training, state {name}", got, wanted, 1e-5, "Leave it to advance().")
