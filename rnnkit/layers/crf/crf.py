"""A linear-chain conditional random field: scores of neighbouring tags, learnt on top of scores of single ones."""

import re
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops
from keras.src.backend import get_keras_mask  # where Keras keeps the mask of a tensor, on each backend

from rnnkit.errors import RnnkitError
from rnnkit.layers.crf.best_paths import n_best, viterbi
from rnnkit.layers.crf.lattice import log_partition, marginals, path_score

Tensor = Any
#: Added to the score of what tag names forbid. A path with a score near it, or below, holds something forbidden.
FORBIDDEN = -1e4


@keras.saving.register_keras_serializable(package="rnnkit")
class CRF(keras.layers.Layer):
    """Scores whole sequences of tags, so that each tag is chosen with its neighbours in view.

    The layer stands at the end of a model and hands the emissions on. Its methods do the rest: `loss` trains it, also
    as `model.compile(loss=crf.loss)` on padded rows; `decode`, `decode_n_best` and `marginals` answer. These need the
    mask each time: Keras does not pass it to them.

    A saved model is loaded with `keras.models.load_model(path, compile=False)`: its loss is a method of this one layer,
    which Keras does not load. To train on, compile it anew with `model.get_layer("crf").loss`.

    Equations:
        score(x, y) = start[y_1] + sum_t emissions[t, y_t] + sum_t transitions[y_(t-1), y_t] + end[y_n]
        log p(y | x) = score(x, y) - log sum_y' exp score(x, y')
        where t runs over the steps that the mask shows

    Args:
        tags: The number of tags, or their names. With names, what IOB2 or IOBES forbid gets `FORBIDDEN` added to its
            score (see `forbidden_transitions`): no method gives it any weight, and it is not trained.
        use_boundaries: Whether to learn scores for the first and the last tag.
        transitions_initializer: Of `transitions[i, j]`, the score of tag j after tag i. The zeros mean that, at
            first, neighbours do not matter.
        boundary_initializer: Of `start` and `end`.
        transitions_regularizer: Of `transitions`.
        boundary_regularizer: Of `start` and `end`.
        unroll: True writes the time steps out instead of looping over them (the number of steps must be known), which
            is the faster form on a phone; a number writes so many out for each turn of the loop.

    Call arguments:
        inputs: Emissions, `[batch, time, tags]`: logits of a Dense layer, without a softmax.
        mask: `[batch, time]`, true where a step counts; handed on. Steps may be hidden anywhere, and all of them.

    Returns:
        The emissions in float32 (or float64).

    Raises:
        RnnkitError: When `tags` is neither a number from 1 nor a list of names, or names a tag twice; and when the
            inputs have another number of features.

    Example:

    >>> inputs = keras.Input((None, 8))
    >>> crf = CRF(["O", "B-PER", "I-PER"])
    >>> model = keras.Model(inputs, crf(keras.layers.Dense(3)(inputs)))
    >>> model.compile("adam", loss=crf.loss)
    >>> _ = model.fit(np.ones((2, 4, 8)), np.array([[0, 1, 2, 0]] * 2), verbose=0)
    >>> crf.decode([[[0.0, 0.0, 9.0], [0.0, 0.0, 9.0]]]).numpy().tolist()  # not I-PER first
    [[1, 2]]

    Reference:
        Lafferty, McCallum & Pereira, Conditional Random Fields, ICML 2001; Collobert et al., Natural Language
        Processing (Almost) from Scratch, JMLR 12, 2011, section 3.3.2 (the sum in log space); Lample et al., Neural
        Architectures for Named Entity Recognition, NAACL 2016 (arXiv:1603.01360), section 2.2.
    """

    def __init__(
        self,
        tags: int | Sequence[str],
        *,
        use_boundaries: bool = True,
        transitions_initializer: Any = "zeros",
        boundary_initializer: Any = "zeros",
        transitions_regularizer: Any = None,
        boundary_regularizer: Any = None,
        unroll: bool | int = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(autocast=False, **kwargs)  # emissions are not rounded to a half-precision policy's dtype
        self.tags, self.tag_count = _checked_tags(tags)
        self.use_boundaries = use_boundaries
        self.transitions_initializer = keras.initializers.get(transitions_initializer)
        self.boundary_initializer = keras.initializers.get(boundary_initializer)
        self.transitions_regularizer = keras.regularizers.get(transitions_regularizer)
        self.boundary_regularizer = keras.regularizers.get(boundary_regularizer)
        self.unroll = unroll
        self.supports_masking = True
        # TensorFlow's XLA cannot take the gradient of the loop over time. Keras leaves it alone then, also on a GPU.
        self.supports_jit = keras.backend.backend() != "tensorflow"
        forbidden = () if isinstance(self.tags, int) else forbidden_transitions(self.tags)
        self._constraints = tuple(np.where(each, FORBIDDEN, 0.0).astype("float32") for each in forbidden)

    def build(self, input_shape: Any) -> None:
        if input_shape[-1] != self.tag_count:
            raise RnnkitError(
                f"The CRF's inputs have {input_shape[-1]} features; expected {self.tag_count}, one for each tag. "
                f"Put Dense({self.tag_count}) before it."
            )
        initializer, regularizer = self.transitions_initializer, self.transitions_regularizer
        shape = (self.tag_count, self.tag_count)
        self.transitions = self._weight("transitions", shape, initializer, regularizer)
        if self.use_boundaries:
            initializer, regularizer = self.boundary_initializer, self.boundary_regularizer
            self.start = self._weight("start", shape[:1], initializer, regularizer)
            self.end = self._weight("end", shape[:1], initializer, regularizer)
        self.built = True

    def _weight(self, name: str, shape: tuple[int, ...], initializer: Any, regularizer: Any) -> keras.Variable:
        return self.add_weight(name=name, shape=shape, initializer=initializer, regularizer=regularizer, autocast=False)

    @property
    def potentials(self) -> tuple[Tensor, Tensor, Tensor]:
        """Transitions, start and end scores: the learnt ones, with forbidden ones masked."""
        if not self.built:
            self.build((None, None, self.tag_count))
        nothing = np.zeros(self.tag_count, "float32")
        learnt = (self.transitions, *((self.start, self.end) if self.use_boundaries else (nothing, nothing)))
        learnt = tuple(ops.cast(each, keras.backend.result_type(each.dtype, "float32")) for each in learnt)
        return tuple(map(ops.add, learnt, self._constraints)) if self._constraints else learnt

    def call(self, inputs: Tensor, mask: Tensor | None = None) -> Tensor:
        return ops.cast(inputs, keras.backend.result_type(inputs.dtype, "float32"))

    def log_likelihood(self, emissions: Tensor, tags: Tensor, mask: Tensor | None = None) -> Tensor:
        """log p(tags | emissions) of each row, `[batch]`; 0 for an empty one.

        A path through something forbidden is at about `FORBIDDEN`: mend such tags before training.

        Args:
            emissions: `[batch, time, tags]`.
            tags: `[batch, time]`, integers; any number may stand at a hidden step.
            mask: `[batch, time]`, true where a step counts.
        """
        score = path_score(emissions, tags, *self.potentials, mask)
        return score - log_partition(emissions, *self.potentials, mask, unroll=self.unroll)

    def loss(self, tags: Tensor, emissions: Tensor, mask: Tensor | None = None) -> Tensor:
        """The mean over the rows of -log p(tags | emissions): arguments in Keras's order, targets first.

        Without a mask it is that of the emissions, which Keras passes along with a model's outputs, also in `compile`
        and `fit`; where they have none, every step counts.
        """
        mask = get_keras_mask(emissions) if mask is None else mask
        return -ops.mean(self.log_likelihood(emissions, tags, mask))

    def decode(self, emissions: Tensor, mask: Tensor | None = None) -> Tensor:
        """The likeliest tags of each row, `[batch, time]` int32, with 0 at hidden steps."""
        return viterbi(emissions, *self.potentials, mask, unroll=self.unroll)[0]

    def decode_n_best(self, emissions: Tensor, count: int, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """The `count` likeliest sequences, best first, `[batch, count, time]`, and their scores, `[batch, count]`.

        Their log-probabilities are the scores minus the row's `log_partition`. Places that a short row cannot fill
        have a score of about -1e30.

        Raises:
            RnnkitError: When `count` is below 1.
        """
        if count < 1:
            raise RnnkitError(f"count is {count!r}; expected 1 sequence or more.")
        return n_best(emissions, *self.potentials, mask, count=count, unroll=self.unroll)

    def marginals(self, emissions: Tensor, mask: Tensor | None = None) -> Tensor:
        """The probability of each tag at each step, `[batch, time, tags]`, with 0 at hidden steps."""
        return marginals(emissions, *self.potentials, mask, unroll=self.unroll)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "tags": self.tags if isinstance(self.tags, int) else list(self.tags),
            "use_boundaries": self.use_boundaries,
            "transitions_initializer": keras.initializers.serialize(self.transitions_initializer),
            "boundary_initializer": keras.initializers.serialize(self.boundary_initializer),
            "transitions_regularizer": keras.regularizers.serialize(self.transitions_regularizer),
            "boundary_regularizer": keras.regularizers.serialize(self.boundary_regularizer),
            "unroll": self.unroll,
        }


def forbidden_transitions(tags: Sequence[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The transitions that a tag scheme forbids, derived from the tag names.

    IOB2: I-X comes after B-X or I-X alone. IOBES, known by a tag that begins with E- or S-: I-X and E-X come after B-X
    or I-X alone, and these come before I-X or E-X alone. Other names ("O", "NOUN") stand outside of every entity. A
    type without a B- tag may begin with its I- tag. Tags of IOB1, where most entities begin with I-, are to be
    converted first.

    Args:
        tags: Names in the order of their ids.

    Returns:
        Booleans: `[from tag, to tag]` for neighbours, `[tags]` for the first tag and `[tags]` for the last.

    Example:

    >>> between, start, end = forbidden_transitions(["O", "B-PER", "I-PER"])
    >>> between.astype(int).tolist(), start.astype(int).tolist(), end.astype(int).tolist()
    ([[0, 0, 1], [0, 0, 0], [0, 0, 0]], [0, 0, 1], [0, 0, 0])
    """
    parts = [match.groups() if (match := re.fullmatch(r"([BIES])-(.+)", tag)) else ("O", "") for tag in tags]
    iobes = any(prefix in "ES" for prefix, _ in parts)
    opened = [kind if prefix in "BI" else "" for prefix, kind in parts]  # the entity that may go on after the tag
    needed = [kind if prefix in "IE" and ("B", kind) in parts else "" for prefix, kind in parts]
    between = np.array(
        [
            [
                bool(need and need != kind) or bool(iobes and kind and (prefix not in "IE" or after != kind))
                for need, (prefix, after) in zip(needed, parts, strict=True)
            ]
            for kind in opened
        ]
    )
    return between, np.array(needed) != "", np.array([iobes and kind != "" for kind in opened])


def _checked_tags(tags: Any) -> tuple[int | tuple[str, ...], int]:
    """The number of tags or their names, and their number."""
    numbered = isinstance(tags, int | np.integer) and not isinstance(tags, bool)
    named = isinstance(tags, Sequence) and not isinstance(tags, str) and all(isinstance(tag, str) for tag in tags)
    if not (numbered or named) or (tags if numbered else len(tags)) < 1:
        raise RnnkitError(f"tags is {tags!r}; expected the number of tags, or a list of their names.")
    if numbered:
        return int(tags), int(tags)
    if len(set(tags)) < len(tags):
        twice = next(tag for tag in tags if list(tags).count(tag) > 1)
        raise RnnkitError(f"tags names {twice!r} twice; expected each tag once.")
    return tuple(tags), len(tags)
