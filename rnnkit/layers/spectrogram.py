"""From samples to frames inside a network, so that an exported file takes the samples themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import keras
import numpy as np
from keras import ops

from rnnkit.codec.frame_settings import settings_of
from rnnkit.codec.spectrogram import Spectrogram
from rnnkit.codec.spectrogram_settings import FLOOR, LEAST_VARIANCE, SpectrogramSettings
from rnnkit.layers.linear_recurrence import linear_recurrence
from rnnkit.layers.power_spectrum import power_spectrum
from rnnkit.layers.small_products import exact_difference, exact_product, small_products

Tensor = Any


@keras.saving.register_keras_serializable(package="rnnkit")
class SpectrogramLayer(keras.layers.Layer):
    """The frames that `rnnkit.codec.spectrogram.Spectrogram` makes, in the graph: for whole sounds and for a hop at a
    time.

    It has no weights, computes in float32 whatever the policy, and converts to operators built into LiteRT, and
    int8 weights leave it as it is; float16 ones move a feature by up to 0.01.

    Args:
        settings: The settings of the front end, or what `dataclasses.asdict` makes of them.
        products: For runtimes without a Fourier transform, such as TFLite Micro: see `power_spectrum`.

    Call arguments:
        samples: float32 `[batch, time]`, from -1 to 1; a frame at least.
        lengths: int32 `[batch]`, how many samples of each row are of its sound, where rows are padded; those of a
            frame at least. Frames that are not whole within it have no meaning: see `mask`.

    Returns:
        float32 `[batch, frames, features]`.

    Example:

    >>> from rnnkit.codec.spectrogram import Spectrogram
    >>> spectrogram = Spectrogram(rate=8000, bands=20, deltas=1)
    >>> samples = np.random.default_rng(0).normal(0, 0.1, 4000).astype("float32")
    >>> frames = SpectrogramLayer(spectrogram)(samples[None])
    >>> frames.shape, bool(np.abs(frames[0] - spectrogram.encode(samples)).max() < 1e-4)
    (TensorShape([1, 48, 40]), True)
    """

    def __init__(
        self, settings: SpectrogramSettings | Mapping[str, Any], products: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(**{**kwargs, "dtype": "float32", "trainable": False})
        if isinstance(settings, Mapping):
            lists = {name: list(settings.get(name, ())) for name in ("mean", "std")}
            settings = settings_of(Spectrogram, {**settings, **lists}, "The config of SpectrogramLayer")
        self.settings, self.products = settings, products
        #: Hops of samples that a frame reaches into.
        self.hops = settings.hops

    def call(self, samples: Tensor, lengths: Tensor | None = None) -> Tensor:
        settings, batch = self.settings, ops.shape(samples)[0]
        given, samples = samples, self._with_tail(samples, lengths)
        frames = self._whole_frames(samples)
        count = frames.shape[1] if frames.shape[1] is not None else ops.shape(frames)[1]
        static = ops.reshape(
            self._static(ops.reshape(frames, (-1, settings.window_size))), (batch, -1, settings.static)
        )
        if lengths is not None:  # beyond its end a sound's last frame repeats
            last = ops.expand_dims(self._counts(lengths) - 1, -1)
            places = ops.minimum(ops.expand_dims(ops.arange(count, dtype="int32"), 0), last)
            static = ops.take_along_axis(static, ops.expand_dims(places, -1), axis=1)
        first = ops.repeat(static[:, :1], settings.context, axis=1)
        last = ops.repeat(static[:, -1:], settings.context, axis=1)
        made = self._slopes(ops.concatenate([first, static, last], axis=1), count)
        if settings.normalise == "running":
            return self._running(made)
        if settings.normalise != "utterance":
            return self._by_corpus(made)
        return self._by_utterance(made, None if lengths is None else self.mask(given, lengths))

    def mask(self, samples: Tensor, lengths: Tensor) -> Tensor:
        """Which frames are whole within their sound, bool `[batch, frames]`.

        Args:
            samples: As for the call.
            lengths: As for the call.
        """
        size = samples.shape[1] if samples.shape[1] is not None else ops.shape(samples)[1]
        places = ops.arange(self._count(size + self.settings.tail_size), dtype="int32")
        return ops.expand_dims(places, 0) < ops.expand_dims(self._counts(lengths), -1)

    # ------------------------------------------------------------------ streams

    def state_shapes(self) -> dict[str, tuple[int, ...]]:
        """The shapes of a stream's states without the batch, by name; all are float32.

        `sound_samples` has those that the next frames need, `sound_hops` counts the hops so far, `sound_frames` has the
        last frames without deltas, `sound_mean` and `sound_variance` those of each feature as they are now; some
        settings need but some of them.
        """
        settings = self.settings
        shapes: dict[str, tuple[int, ...]] = {
            "sound_hops": (1,),
            "sound_samples": ((self.hops - 1) * settings.hop_size,),
        }
        shapes["sound_frames"] = (2 * settings.context, settings.static)
        if settings.normalise == "running":
            shapes |= {"sound_mean": (settings.features,), "sound_variance": (settings.features,)}
        return {name: shape for name, shape in shapes.items() if shape[0]}

    def initial_states(self, batch: int = 1) -> dict[str, Tensor]:
        """The states before the first hop, by name.

        Raises:
            RnnkitError: The frames are normalised by the whole sound, or by scales that are not learnt yet.
        """
        self.settings.require_stream()
        known = dict(zip(("sound_mean", "sound_variance"), self._scales(), strict=True))
        shapes = self.state_shapes().items()
        return {name: ops.zeros((batch, *shape), "float32") + known.get(name, np.float32(0)) for name, shape in shapes}

    def step(self, samples: Tensor, states: Mapping[str, Tensor]) -> tuple[Tensor, Tensor, dict[str, Tensor]]:
        """Take a hop of samples.

        Args:
            samples: float32 `[batch, hop_size]`.
            states: What `initial_states` or the step before gave.

        Returns:
            A frame `[batch, features]`; whether it is one, bool `[batch]`: the first hops complete none, and deltas
            wait for the `context` frames behind them; and the states then.
        """
        settings = self.settings
        after = {"sound_hops": states["sound_hops"] + 1.0}
        joined = ops.concatenate([states["sound_samples"], samples], axis=-1) if "sound_samples" in states else samples
        static = around = ops.expand_dims(self._static(joined[:, : settings.window_size]), 1)
        if "sound_samples" in states:
            after["sound_samples"] = joined[:, settings.hop_size :]
        if "sound_frames" in states:
            around = ops.concatenate([states["sound_frames"], static], axis=1)
            first = ops.expand_dims(ops.equal(after["sound_hops"], float(self.hops)), -1)
            around = ops.where(first, ops.concatenate([static] * (2 * settings.context + 1), axis=1), around)
            after["sound_frames"] = around[:, 1:]
        valid = after["sound_hops"] > self.hops + settings.context - 0.5  # [batch, 1]
        frame, moved = self._normalised(self._slopes(around, 1)[:, 0], valid, states)
        return frame, valid[:, 0], {**after, **moved}

    def flush(self, states: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
        """The last frames, which waited for those behind them: `[batch, context, features]`, and which of them are
        frames, bool `[batch, context]`; for settings with deltas.
        """
        context = self.settings.context
        frames = states["sound_frames"]
        found = self._slopes(ops.concatenate([frames] + [frames[:, -1:]] * context, axis=1), context)
        valid = states["sound_hops"] + np.arange(context, dtype=np.float32) > self.hops + context - 1.5
        made = []
        for place in range(context):
            frame, moved = self._normalised(found[:, place], valid[:, place : place + 1], states)
            states = {**states, **moved}
            made.append(frame)
        return ops.stack(made, axis=1), valid

    # ------------------------------------------------------------------ parts of a frame

    def _count(self, samples: Any) -> Any:
        if isinstance(samples, int):
            return self.settings.filled(samples)
        return ops.maximum(1 + (samples - self.settings.window_size) // self.settings.hop_size, 0)

    def _counts(self, lengths: Tensor) -> Tensor:
        """The frames of each row, int32 `[batch]`; one at least, which a shorter row does not have."""
        return ops.maximum(self._count(ops.cast(lengths, "int32") + self.settings.tail_size), 1)

    def _with_tail(self, samples: Tensor, lengths: Tensor | None) -> Tensor:
        """The samples with the tail of silence behind each sound."""
        if not (size := self.settings.tail_size):
            return samples
        padded = ops.pad(samples, ((0, 0), (0, size)))
        if lengths is None:
            return padded
        heard = ops.arange(ops.shape(padded)[1], dtype="int32") < ops.expand_dims(ops.cast(lengths, "int32"), -1)
        return ops.where(heard, padded, ops.zeros_like(padded))

    def _whole_frames(self, samples: Tensor) -> Tensor:
        """The samples of each frame, `[batch, frames, window_size]`: hops of them side by side."""
        hop = self.settings.hop_size
        count = self._count(samples.shape[1] if samples.shape[1] is not None else ops.shape(samples)[1])
        padded = ops.pad(samples, ((0, 0), (0, self.hops * hop)))[:, : (count + self.hops - 1) * hop]
        cut = ops.reshape(padded, (ops.shape(samples)[0], -1, hop))
        beside = [cut[:, place : place + count] for place in range(self.hops)]
        return ops.concatenate(beside, axis=-1)[:, :, : self.settings.window_size]

    def _static(self, frames: Tensor) -> Tensor:
        """Frames without deltas, `[rows, static]`, of their samples, `[rows, window_size]`."""
        settings = self.settings
        power = power_spectrum(frames, settings.weights, settings.pre_emphasis, settings.fft_size, self.products)
        bands = ops.log(ops.maximum(small_products(power, settings.filters), FLOOR))
        return small_products(bands, settings.cosines) if settings.coefficients else bands

    def _slopes(self, around: Tensor, count: Any) -> Tensor:
        """Frames with deltas, `[batch, count, features]`, of those with their neighbours on both sides."""
        made = []
        for row in self.settings.slopes:
            parts = [around[:, k : k + count] * float(w) for k, w in enumerate(row) if w]
            made.append(sum(parts[1:], parts[0]))
        return made[0] if len(made) == 1 else ops.concatenate(made, axis=-1)

    def _scales(self) -> list[np.ndarray]:
        return [each.astype(np.float32) for each in self.settings.scales()]

    def _scaled(self, frames: Tensor, mean: Tensor, variance: Tensor) -> Tensor:
        return (frames - mean) / ops.sqrt(ops.maximum(variance, LEAST_VARIANCE))

    def _by_corpus(self, frames: Tensor) -> Tensor:
        mean, variance = self.settings.scales()
        return exact_product(exact_difference(frames, mean), 1 / np.sqrt(variance))

    def _by_utterance(self, frames: Tensor, mask: Tensor | None) -> Tensor:
        if mask is None:
            mean = ops.mean(frames, axis=1, keepdims=True)
            return self._scaled(frames, mean, ops.mean(ops.square(frames - mean), axis=1, keepdims=True))
        counts = ops.expand_dims(ops.cast(mask, "float32"), -1)
        total = ops.sum(counts, axis=1, keepdims=True)
        mean = ops.sum(frames * counts, axis=1, keepdims=True) / total
        variance = ops.sum(ops.square(frames - mean) * counts, axis=1, keepdims=True) / total
        return self._scaled(frames, mean, variance)

    def _normalised(
        self, frame: Tensor, valid: Tensor, states: Mapping[str, Tensor]
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """A frame of a stream, and the states that it moves where it is valid."""
        if self.settings.normalise != "running":
            return self._by_corpus(frame), {}
        share, before = 1 / self.settings.memory, (states["sound_mean"], states["sound_variance"])
        off = frame - before[0]
        spread = before[1] + share * off * off
        after = before[0] + share * off, spread - share * spread
        mean, variance = (ops.where(valid, now, old) for now, old in zip(after, before, strict=True))
        return self._scaled(frame, mean, variance), {"sound_mean": mean, "sound_variance": variance}

    def _running(self, frames: Tensor) -> Tensor:
        """The whole at once: mean and variance are linear recurrences, the second over what the first found."""
        share = 1 / self.settings.memory
        steps = ops.transpose(frames, (1, 0, 2))  # [time, batch, features]
        start, spread = (exact_difference(ops.zeros_like(steps[0]), -each) for each in self.settings.scales())
        kept = ops.zeros_like(steps[:, :1, :]) + (1 - share)
        (means,) = linear_recurrence((kept,), (share * steps,), (start,))
        off = steps - ops.concatenate([ops.expand_dims(start, 0), means[:-1]], axis=0)
        (variances,) = linear_recurrence((kept,), ((1 - share) * share * off * off,), (spread,))
        return ops.transpose(self._scaled(steps, means, variances), (1, 0, 2))

    def compute_output_shape(self, input_shape: Sequence[int | None]) -> tuple[int | None, ...]:
        batch, size = input_shape
        return batch, None if size is None else self.settings.frames(size), self.settings.features

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "settings": asdict(self.settings), "products": self.products}
