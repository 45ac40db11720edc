"""EfficientNet-Lite0: an image network made for phones, with no operator that TFLite lacks."""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
from keras import layers

from rnnkit.errors import RnnkitError

CHANNELS = 1280
LABELS = 1000
#: Repeats, kernel size, stride of the first, expansion, channels of each stage.
_STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
_STEM = 32
_EPSILON = 1e-3


def efficientnet_lite0(size: int = 224, labels: int = 0) -> keras.Model:
    """The network with random weights, from uint8 pictures; the preprocessing is its first layer.

    Why: squeeze-and-excitation and swish, which EfficientNet has, are slow or lossy in 8 bits; Lite leaves the first
    out and has ReLU6 for the second.

    Args:
        size: Height and width of the pictures in pixels, a multiple of 32.
        labels: 0 gives the grid of features; 1000 the logits of ImageNet's labels.

    Returns:
        A model from uint8 `[batch, size, size, 3]` to float32 `[batch, size / 32, size / 32, 1280]` or
        `[batch, labels]`.

    Example:

    >>> efficientnet_lite0(64).output_shape
    (None, 2, 2, 1280)

    Reference:
        Tan & Le, EfficientNet, ICML 2019 (arXiv:1905.11946); Liu, Higher accuracy on vision models with
        EfficientNet-Lite, TensorFlow blog 2020.
    """
    picture = keras.Input((size, size, 3), dtype="uint8", name="picture")
    x = layers.Rescaling(1 / 128, offset=-127 / 128, name="rescaling")(picture)
    x = _normalised(layers.Conv2D(_STEM, 3, 2, "same", use_bias=False, name="conv_stem"), "bn0", x)
    number = 0
    for repeats, kernel, stride, expansion, channels in _STAGES:
        for repeat in range(repeats):
            x = _block(x, f"blocks.{number}.", kernel, 1 if repeat else stride, expansion, channels)
            number += 1
    x = _normalised(layers.Conv2D(CHANNELS, 1, use_bias=False, name="conv_head"), "bn1", x)
    if labels:
        x = layers.Dense(labels, name="fc")(layers.GlobalAveragePooling2D(name="mean")(x))
    return keras.Model(picture, x, name="efficientnet_lite0")


def set_named_weights(network: keras.Model, tensors: Mapping[str, np.ndarray]) -> None:
    """Gives `efficientnet_lite0` weights by name; those for layers that the network lacks are passed over.

    Args:
        network: Of any size, with or without labels.
        tensors: By "layer.weight", as `rnnkit.vision.lite0_weights` gives them.

    Raises:
        RnnkitError: A tensor is missing, or has another shape.
    """
    for layer in network.layers:
        try:
            layer.set_weights([tensors[f"{layer.name}.{weight.name}"] for weight in layer.weights])
        except (KeyError, ValueError) as error:
            raise RnnkitError(f"These are not the weights of EfficientNet-Lite0: {layer.name}: {error}.") from None


def _block(x: Any, name: str, kernel: int, stride: int, expansion: int, channels: int) -> Any:
    """An inverted bottleneck: widen, convolve each channel for itself, narrow; a short cut around it where it fits."""
    before, y = x.shape[-1], x
    if expansion != 1:
        wide = layers.Conv2D(before * expansion, 1, use_bias=False, name=f"{name}_expand_conv")
        y = _normalised(wide, f"{name}_bn0", y)
    deep = layers.DepthwiseConv2D(kernel, stride, "same", use_bias=False, name=f"{name}_depthwise_conv")
    y = _normalised(deep, f"{name}_bn1", y)
    narrow = layers.Conv2D(channels, 1, use_bias=False, name=f"{name}_project_conv")
    y = _normalised(narrow, f"{name}_bn2", y, activate=False)
    return layers.Add(name=f"{name}add")([x, y]) if stride == 1 and before == channels else y


def _normalised(convolution: keras.Layer, name: str, x: Any, activate: bool = True) -> Any:
    y = layers.BatchNormalization(epsilon=_EPSILON, name=name)(convolution(x))
    return layers.ReLU(6.0, name=f"{name}_relu6")(y) if activate else y
