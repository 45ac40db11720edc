"""A loop over time in TensorFlow whose weight gradients are gathered: one large product for each block of steps.

TensorFlow's own gradient of a loop multiplies state and gradient at every step, and adds the result, which is as large
as the weights, to a sum. Here what is to be multiplied is kept for a block of steps and multiplied at once. The sums
are the same; what is saved is reading and writing them at every step, which counts where they are large.

How: each product takes tokens from lists, tensors without content. The gradient of the product "with respect to its
tokens" is what is to be kept, so that TensorFlow's gradient of the loop collects it in lists, step by step, and hands
these over as the gradient of the lists of tokens. That is where the gradient of the weights is made of them.
"""

from collections.abc import Sequence
from typing import Any

from rnnkit.layers.gathered_plan import Plan, plan_of
from rnnkit.layers.products import affine, multiplied_by
from rnnkit.layers.time_loop import Carry, Step, time_loop

Tensor = Any
#: Rows of a gathered product, steps times batch: more is no faster, and has to be kept in memory.
_ROWS = 1024
_ANY_SHAPE = -1


def gathered_loop(
    step: Step, carry: Carry, inputs: Sequence[Tensor], *, reverse: bool, collect: bool, smallest: int
) -> tuple[Carry, Any] | None:
    """`time_loop` with gathered weight gradients, inside a `tf.function`.

    Args:
        step: As for `time_loop`; it multiplies by weights with `products.product()`.
        carry: What is carried, a flat tuple of tensors that keep their shapes.
        inputs: Tensors `[time, batch, ...]`, read together; the first is the cell's input.
        reverse: Runs from the last time step to the first; outputs stand where their inputs stood.
        collect: Whether to return the outputs of all steps.
        smallest: How many numbers the largest matrix of the step must have.

    Returns:
        The last carry, and the outputs `[time, batch, ...]` or None; or None in place of both where the step has no
        matrix that is large enough.
    """
    import tensorflow as tf

    plan = plan_of(step, carry, inputs)
    if max((met.kernel.shape.num_elements() for met in plan.gathered), default=0) < max(smallest, 1):
        return None
    length, batch = tf.shape(inputs[0])[0], tf.shape(inputs[0])[1]
    block = tf.maximum(_ROWS // tf.maximum(batch, 1), 1)
    count = (length + block - 1) // block
    sizes = tf.minimum(block, length - block * tf.range(count))
    blocks = [_blocks(count, tensor.dtype, tensor.shape[1:]).split(tensor, sizes) for tensor in inputs]

    def turn(number: Tensor, carry: Carry, made: Any) -> tuple[Tensor, Carry, Any]:
        place = count - 1 - number if reverse else number
        columns = [column.read(place) for column in blocks]
        for column, tensor in zip(columns, inputs, strict=True):
            column.set_shape([None, *tensor.shape[1:]])

        def counted(both: Carry, at: Sequence[Tensor]) -> tuple[Carry, Tensor]:
            products = _Products(plan, both[len(carry) :], at[0])
            with multiplied_by(products.product):
                new, output = step(both[: len(carry)], at)
            return (*new, *products.lists), output

        start = (*carry, *_tokens(plan, columns[0], reverse))
        after, outputs = time_loop(counted, start, columns, reverse=reverse, collect=collect, unroll=False)
        return number + 1, after[: len(carry)], made.write(place, outputs) if collect else made

    made = _blocks(count, carry[0].dtype, carry[0].shape)
    _, carry, made = tf.while_loop(lambda number, *_: number < count, turn, (tf.constant(0), tuple(carry), made))
    return carry, tf.ensure_shape(made.concat(), [inputs[0].shape[0], *carry[0].shape]) if collect else None


def _blocks(count: Tensor, dtype: Any, shape: Any) -> Any:
    """Room for blocks of steps of different lengths."""
    import tensorflow as tf

    return tf.TensorArray(dtype, count, element_shape=[None, *shape], infer_shape=False)


class _Products:
    """The products of a turn of the loop, with tokens from the lists.

    Args:
        plan: What the step takes.
        lists: The lists of tokens.
        x: The step's input.
    """

    def __init__(self, plan: Plan, lists: Sequence[Tensor], x: Tensor) -> None:
        self.lists = list(lists)
        self._left = list(plan.met)
        self._given = set[int]()

    def product(self, x: Tensor, kernel: Any, bias: Any = None) -> Tensor:
        """x @ kernel + bias, with the gradients that the plan says."""
        import tensorflow as tf

        met = self._left.pop(0)
        if not met.gathered:
            return affine(x, kernel, bias)
        x = tf.convert_to_tensor(x)  # a weight, in a step that multiplies weights
        gives_gradient, gives_factor = met.gradients not in self._given, met.factors is not None
        self._given.add(met.gradients)
        numbers = [met.gradients] * gives_gradient + [met.factors] * gives_factor

        @tf.custom_gradient
        def multiplied(x: Tensor, tokens: list[Tensor], weights: list[Tensor]) -> tuple[Tensor, Any]:
            def gradient(upstream: Tensor) -> tuple[Any, list[Tensor], list[None]]:
                kept = [upstream] * gives_gradient + [x] * gives_factor
                to_x = tf.matmul(upstream, weights[0], transpose_b=True) if gives_factor else None
                return to_x, kept, [None] * len(weights)

            return affine(x, *weights), gradient

        return multiplied(x, [self._token(number, x.dtype) for number in numbers], met.weights)

    def _token(self, number: Any, dtype: Any) -> Tensor:
        import tensorflow as tf

        self.lists[number], token = tf.raw_ops.TensorListPopBack(
            input_handle=self.lists[number], element_shape=_ANY_SHAPE, element_dtype=dtype
        )
        return token


def _tokens(plan: Plan, x: Tensor, reverse: bool) -> list[Tensor]:
    """The lists of tokens for a block of steps, whose gradient is made that of weights and input.

    Args:
        plan: What the steps take.
        x: The input of the block, `[steps, batch, features]`.
        reverse: Whether the block is run from its last step.
    """
    import tensorflow as tf

    met = plan.gathered
    empty = tf.zeros((tf.shape(x)[0], 0), x.dtype)

    @tf.custom_gradient
    def lists_of(x: Tensor, weights: list[list[Tensor]]) -> tuple[list[Tensor], Any]:
        def gradient(*collected: Tensor, **_: Any) -> tuple[Tensor, list[list[Tensor]]]:
            backwards = x if reverse else tf.reverse(x, [0])  # the last step that ran comes first in the lists
            inputs = tf.reshape(backwards, (-1, x.shape[-1]))
            rows: dict[int, Tensor] = {}
            to_weights, to_inputs = [], tf.zeros_like(inputs)
            for each, (kernel, *bias) in zip(met, weights, strict=True):
                if each.gradients not in rows:
                    rows[each.gradients] = _rows(collected[each.gradients], kernel.shape[1], x.dtype)
                upstream = rows[each.gradients]
                if each.factors is None:
                    factors = inputs
                    to_inputs = to_inputs + tf.matmul(upstream, kernel, transpose_b=True)
                else:
                    factors = _rows(collected[each.factors], kernel.shape[0], x.dtype)
                product = tf.matmul(factors, upstream, transpose_a=True)
                to_weights.append([product, *(tf.reduce_sum(upstream, axis=0) for _ in bias)])
            to_x = tf.reshape(to_inputs, tf.shape(x))
            return (to_x if reverse else tf.reverse(to_x, [0])), to_weights

        made = [tf.raw_ops.TensorListFromTensor(tensor=empty, element_shape=_ANY_SHAPE) for _ in range(plan.lists)]
        return made, gradient

    return lists_of(x, [each.weights for each in met])


def _rows(collected: Tensor, width: int, dtype: Any) -> Tensor:
    """A list of `[batch, width]` as `[steps * batch, width]`."""
    import tensorflow as tf

    joined = tf.raw_ops.TensorListConcatV2(
        input_handle=collected, element_shape=[-1, width], leading_dims=tf.zeros(0, "int64"), element_dtype=dtype
    )
    return tf.ensure_shape(joined.tensor, (None, width))
