"""Attention layers by the name that tasks and flags use."""

from typing import Any

from rnnkit.errors import RnnkitError, did_you_mean
from rnnkit.layers.attention.attention import AdditiveAttention, Attention, DotAttention, GeneralAttention
from rnnkit.layers.attention.multi_head_attention import MultiHeadAttention

ATTENTIONS: dict[str, type[Attention]] = {
    each.kind: each for each in (AdditiveAttention, DotAttention, GeneralAttention, MultiHeadAttention)
}


def attention_of(kind: str, units: int, heads: int = 4, **kwargs: Any) -> Attention:
    """An attention layer by its name.

    Args:
        kind: "additive", "dot", "general" or "multi_head".
        units: Width of what the kind learns, where it has one.
        heads: For "multi_head".
        **kwargs: Those of a Keras layer.

    Raises:
        RnnkitError: For an unknown name.

    Example:

    >>> attention_of("additive", 16).units
    16
    """
    if kind not in ATTENTIONS:
        raise RnnkitError(
            f"Unknown attention {kind!r}.{did_you_mean(kind, ATTENTIONS)} Known: {', '.join(ATTENTIONS)}."
        )
    own: dict[str, Any] = {"additive": {"units": units}, "multi_head": {"units": units, "heads": heads}}.get(kind, {})
    return ATTENTIONS[kind](**own, **kwargs)
