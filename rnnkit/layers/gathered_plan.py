"""Which products of a step with its weights can have their gradients gathered, and what is to be kept of each."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from rnnkit.layers.products import affine, multiplied_by
from rnnkit.layers.time_loop import Carry, Step

Tensor = Any


@dataclass
class Met:
    """A product that a step takes.

    Attributes:
        kernel: What it multiplies by, made outside the loop.
        bias: What it adds, or None.
        output: What it gives.
        of_input: Whether it multiplies the step's input itself, which is known for all steps.
        gathered: Whether its weight gradient can be gathered.
        gradients: The number of the list of its gradients. Products that are added have the same, and share a list.
        factors: The number of the list of what it multiplies; None for the input.
    """

    kernel: Tensor
    bias: Tensor | None
    output: Tensor
    of_input: bool
    gathered: bool
    gradients: int = -1
    factors: int | None = None

    @property
    def weights(self) -> list[Tensor]:
        return [self.kernel] if self.bias is None else [self.kernel, self.bias]


@dataclass
class Plan:
    """The products of a step in the order it takes them, and how many lists they need."""

    met: list[Met] = field(default_factory=list)
    lists: int = 0

    @property
    def gathered(self) -> list[Met]:
        return [met for met in self.met if met.gathered]


def plan_of(step: Step, carry: Carry, inputs: Sequence[Tensor]) -> Plan:
    """What the step does, learnt by tracing it once outside the loop, where nothing but its weights is computed."""
    import tensorflow as tf

    plan = Plan()
    before = {operator.name for operator in tf.compat.v1.get_default_graph().get_operations()}
    at = [tf.identity(tensor[0]) for tensor in inputs]
    carried = tuple(map(tf.identity, carry))
    of_loop = {tensor.ref() for tensor in (*at, *carried)}

    def watched(x: Tensor, kernel: Any, bias: Any = None) -> Tensor:
        x, kernel = tf.convert_to_tensor(x), tf.convert_to_tensor(kernel)
        bias = None if bias is None else tf.convert_to_tensor(bias)
        output = affine(x, kernel, bias)
        fixed = not any(_depends(weight, of_loop, before) for weight in (kernel, bias) if weight is not None)
        alike = len({each.dtype for each in (x, kernel, bias) if each is not None}) == 1  # no cast within the product
        gathered = fixed and alike and len(kernel.shape) == 2 and len(x.shape) == 2
        plan.met.append(Met(kernel, bias, output, x is at[0], gathered))
        return output

    with multiplied_by(watched):
        new, output = step(carried, at)
    for made in (*new, output):
        tf.identity(made)  # a reader: a product that is also a state has more than one gradient
    shared: dict[Any, int] = {}
    for met in plan.gathered:
        total = _total(met.output).ref()
        if total not in shared:
            shared[total], plan.lists = plan.lists, plan.lists + 1
        met.gradients = shared[total]
    for met in plan.gathered:
        if not met.of_input:
            met.factors, plan.lists = plan.lists, plan.lists + 1
    return plan


def _total(product: Tensor) -> Tensor:
    """The sum that nothing but a product goes into as it is, so that both have the same gradient; or the product."""
    readers = product.consumers()
    if len(readers) != 1 or readers[0].type != "AddV2":
        return product
    total = readers[0].outputs[0]
    return total if total.shape == product.shape else product  # else one is broadcast


def _depends(tensor: Tensor, roots: set[Any], before: set[str]) -> bool:
    """Whether a tensor is made of one of others, or may be another one at each step. What operators of earlier names
    have made, such as weights of which some were dropped before the loop, is the same for all steps."""
    left, seen = [tensor], set[Any]()
    while left:
        each = left.pop()
        if each.op.name in before:
            continue
        if each.ref() in roots or _may_change(each.op):
            return True
        if each.ref() not in seen:
            seen.add(each.ref())
            left += each.op.inputs
    return False


def _may_change(operator: Any) -> bool:
    """Whether an operator may give something else at each step: it draws at random, with a state or a seed of its own
    (`StatelessTruncatedNormal` and others), or runs a function that may, such as a branch of `tf.cond`."""
    reads = operator.type in ("ReadVariableOp", "VarHandleOp")
    return not reads and (operator.op_def.is_stateful or operator.type.startswith(("Stateless", "PartitionedCall")))
