"""The network of `Forecaster`: segments of the history through any cell, then all segments of the horizon at once."""

import math
from collections.abc import Callable
from typing import Any

import keras
from keras import layers, ops

from rnnkit.codec.forecast_heads import FREEDOM, HEADS, LEAST, LEVELS
from rnnkit.codec.forecast_plan import FUTURE, NUMBER, PAST, ForecastPlan
from rnnkit.tasks.base.build import INFERENCE, Build
from rnnkit.tasks.base.recurrent_part import recurrent, recurrent_model

Tensor = Any


def segment_of(plan: ForecastPlan, wanted: int) -> int:
    """Steps in a segment: those wanted, else a season, else about the square root of the look-back.

    Example:

    >>> segment_of(ForecastPlan(96, 96, season=24), 0), segment_of(ForecastPlan(24, 12), 0)
    (24, 4)
    """
    longest = min(plan.look_back, plan.horizon)
    if wanted:
        return min(wanted, plan.look_back)
    return plan.season if 1 < plan.season <= longest else max(1, min(int(math.sqrt(plan.look_back)), longest))


def forecast_network(options: Any, plan: ForecastPlan, how: Build = INFERENCE, name: str = "forecaster") -> keras.Model:
    """The network from the inputs of `ForecastPlan.inputs` to the parameters of each step, `[batch, horizon, ...]`.

    The final states of the history are carried on by one more step of the same cell for each segment of the horizon,
    all at once, from where it stands, what is known of it, and the series.

    Args:
        options: `ForecasterOptions`.
        plan: That of the preprocessing.
        how: What it is built for.
        name: The name of the Keras model.

    Reference:
        Lin et al., SegRNN: Segment Recurrent Neural Network for Long-Term Time Series Forecasting, 2023
        (arXiv:2308.11200).
    """
    policy, segment = how.policy(options), segment_of(plan, options.segment)
    ahead, size = -(-plan.horizon // segment), HEADS[plan.head]
    past = keras.Input((plan.look_back, plan.past_features), dtype="float32", name=PAST)
    given = {PAST: past}
    segments = _in_segments(past, segment, plan.past_features, front=True)
    read = layers.Dense(options.units, activation="relu", dtype=policy, name="segments")(segments)
    cell = recurrent(options, policy, unroll=how.unroll, return_state=True)
    states = cell(read)[1:]
    number = None
    if plan.numbered:
        given[NUMBER] = number = keras.Input((), dtype="int32", name=NUMBER)
    asked = HorizonQueries(options.units, ahead, len(plan.series) if plan.numbered else 0, dtype=policy, name="queries")
    queries = asked(past, number)
    if plan.future_features:
        given[FUTURE] = future = keras.Input((plan.horizon, plan.future_features), dtype="float32", name=FUTURE)
        known = _in_segments(future, segment, plan.future_features, front=False)
        queries = queries + layers.Dense(options.units, use_bias=False, dtype=policy, name="known")(known)
    carried = [ops.repeat(state, ahead, axis=0) for state in states]
    found = cell(ops.reshape(queries, (-1, 1, options.units)), initial_state=carried)[0]
    found = layers.Dropout(options.dropout, seed=options.seed + 2, dtype=policy, name="dropout")(found)
    steps = layers.Dense(segment * size, dtype="float32", name="steps")(found)
    outputs = ops.reshape(steps, (-1, ahead * segment, size))[:, : plan.horizon]
    if options.shortcut in ("season", "gated"):
        gated = options.shortcut == "gated"
        for season in (0, *plan.seasons[1:]) if gated else (0,):  # the usual one, and gated a longer one too
            before = _season_before(past, plan, season)
            if gated:
                name = f"gate_{season}" if season else "gate"
                gate = layers.Dense(segment, activation="sigmoid", dtype="float32", name=name)(found)
                before = before * ops.reshape(gate, (-1, ahead * segment, 1))[:, : plan.horizon]
            outputs = _added(outputs, before)
    if options.shortcut == "linear":
        line = layers.Dense(plan.horizon, kernel_initializer="zeros", dtype="float32", name="shortcut")(past[:, :, 0])
        outputs = _added(outputs, placed(line[:, :, None], plan.head))
    return recurrent_model(given, outputs, options, how, name)


def _in_segments(values: Tensor, segment: int, features: int, front: bool) -> Tensor:
    """`[batch, steps, features]` as `[batch, segments, segment * features]`, filled up with zeros."""
    lacking = -values.shape[1] % segment
    if lacking:
        values = ops.pad(values, ((0, 0), (lacking, 0) if front else (0, lacking), (0, 0)))
    return ops.reshape(values, (-1, values.shape[1] // segment, segment * features))


def _added(outputs: Tensor, more: Tensor) -> Tensor:
    """The sum. Of one parameter a step, TFLite's converter refuses a plain addition behind the reshaped dense layer."""
    if outputs.shape[-1] > 1:
        return outputs + more
    return ops.sum(ops.stack([outputs, more], axis=-1), axis=-1)


def _season_before(past: Tensor, plan: ForecastPlan, season: int) -> Tensor:
    """The scaled value a season before each step ahead, as what is added to the parameters, `[batch, horizon, ...]`."""
    value = ops.take(past[:, :, :1], ops.convert_to_tensor(plan.season_before(season), "int32"), axis=1)
    return placed(value, plan.head)


def placed(value: Tensor, head: str) -> Tensor:
    """A scaled value of each step as what is added to the parameters: to those that say where it lies."""
    size = HEADS[head]
    if size == 1:
        return value
    moved = size if head == "quantiles" else 1
    return value * ops.convert_to_tensor([1.0] * moved + [0.0] * (size - moved), "float32")


@keras.saving.register_keras_serializable(package="rnnkit")
class HorizonQueries(layers.Layer):
    """What asks for each segment of the horizon: where it stands, and which series it is of.

    Args:
        units: Width; with series half of it is theirs.
        segments: Segments of the horizon.
        series: How many series have a number, from 1; 0 for none. Number 0 is any other.

    Call arguments:
        like: A tensor whose first side is the batch.
        number: The number of each row's series, `[batch]`, or None.
    """

    def __init__(self, units: int, segments: int, series: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units, self.segments, self.series = units, segments, series

    def build(self, like_shape: Any, number_shape: Any = None) -> None:
        """Make the tables."""
        theirs = self.units // 2 if self.series else 0
        like = {"initializer": keras.initializers.RandomNormal(stddev=1.0, seed=self.segments)}
        self.places = self.add_weight(name="places", shape=(self.segments, self.units - theirs), **like)
        if self.series:
            like = {"initializer": keras.initializers.RandomNormal(stddev=1.0, seed=self.series)}
            self.names = self.add_weight(name="names", shape=(self.series + 1, theirs), **like)
        self.built = True

    def compute_output_shape(self, like_shape: Any, number_shape: Any = None) -> tuple[Any, ...]:
        return (like_shape[0], self.segments, self.units)

    def call(self, like: Tensor, number: Tensor | None = None) -> Tensor:
        rows = ops.cast(ops.zeros_like(like[:, :1, :1]), self.compute_dtype)
        places = ops.cast(self.places, self.compute_dtype)[None] + rows
        if number is None:
            return places
        names = ops.cast(ops.take(self.names, number, axis=0), self.compute_dtype)
        return ops.concatenate([places, ops.repeat(names[:, None], self.segments, axis=1)], axis=-1)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "units": self.units, "segments": self.segments, "series": self.series}


def loss(head: str, point_loss: str) -> Callable[[Tensor, Tensor], Tensor]:
    """The loss of a head, over the steps whose value is known.

    Args:
        head: One of `HEADS`.
        point_loss: "mae" or "mse", of the head "point".

    Returns:
        From `[batch, horizon, (scaled value, whether it is known, what it was divided by)]` and the parameters.
    """

    def mean(true: Tensor, given: Tensor) -> Tensor:
        value, known, scale = (true[..., place : place + 1] for place in range(3))
        each = _LOSSES[point_loss if head == "point" else head](value, given, scale)
        return ops.sum(each * known) / ops.maximum(ops.sum(known), 1.0)

    return mean


def _pinball(value: Tensor, given: Tensor, scale: Tensor) -> Tensor:
    levels = ops.convert_to_tensor(LEVELS, given.dtype)
    beyond = value - given
    return 2 * ops.mean(ops.maximum(levels * beyond, (levels - 1) * beyond), axis=-1, keepdims=True)


def _gaussian(value: Tensor, given: Tensor, scale: Tensor) -> Tensor:
    spread = ops.softplus(given[..., 1:2]) + LEAST
    return ops.log(spread) + 0.5 * ops.square((value - given[..., :1]) / spread) + 0.5 * math.log(2 * math.pi)


def _student_t(value: Tensor, given: Tensor, scale: Tensor) -> Tensor:
    spread = ops.softplus(given[..., 1:2]) + LEAST
    freedom = FREEDOM + ops.softplus(given[..., 2:3])
    constant = log_gamma((freedom + 1) / 2) - log_gamma(freedom / 2) - 0.5 * ops.log(freedom * math.pi)
    far = ops.square((value - given[..., :1]) / spread)
    return ops.log(spread) - constant + (freedom + 1) / 2 * ops.log1p(far / freedom)


def _negative_binomial(value: Tensor, given: Tensor, scale: Tensor) -> Tensor:
    count = ops.round(value * scale)
    mean = (ops.softplus(given[..., :1]) + LEAST) * scale
    size = 1 / (ops.softplus(given[..., 1:2]) + LEAST)
    ways = log_gamma(count + size) - log_gamma(size) - log_gamma(count + 1)
    return -(ways + size * ops.log(size / (size + mean)) + count * ops.log(mean / (size + mean)))


_LOSSES: dict[str, Callable[[Tensor, Tensor, Tensor], Tensor]] = {
    "quantiles": _pinball,
    "gaussian": _gaussian,
    "student_t": _student_t,
    "negative_binomial": _negative_binomial,
    "mae": lambda value, given, scale: ops.abs(value - given),
    "mse": lambda value, given, scale: ops.square(value - given),
}


def log_gamma(x: Tensor) -> Tensor:
    """The logarithm of the gamma function of what is above 0, by Stirling's series."""
    small = x < 8
    shifted = ops.where(small, x + 8, x)
    inverse = 1 / shifted
    series = inverse * (1 / 12 - ops.square(inverse) * (1 / 360 - ops.square(inverse) / 1260))
    found = (shifted - 0.5) * ops.log(shifted) - shifted + 0.5 * math.log(2 * math.pi) + series
    lower = ops.where(small, x, ops.ones_like(x))
    product = ops.log(lower)
    for more in range(1, 8):
        product = product + ops.log(lower + more)
    return ops.where(small, found - product, found)


def copy_fitting(old: keras.Model, new: keras.Model) -> str:
    """Copy the weights of a network to one of the same plan, perhaps with more series; a new series begins as the
    average of those that are known."""
    more = 0
    for layer in new.layers:
        for before, after in zip(old.get_layer(layer.name).weights, layer.weights, strict=True):
            if before.shape == after.shape:
                after.assign(ops.copy(before.value))
                continue
            more = after.shape[0] - before.shape[0]
            mean = ops.mean(before.value[1:], axis=0, keepdims=True)
            after.assign(ops.concatenate([before.value, ops.repeat(mean, more, axis=0)], axis=0))
    return f"all weights are kept; {more} new series begin as the average of the others" if more else (
        "all weights are kept"
    )  # fmt: skip
