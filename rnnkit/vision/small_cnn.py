"""A small convolutional network for simple pictures, trained together with what reads them."""

from typing import Any

import keras
from keras import layers

STRIDE = 8
CHANNELS = 128


def small_cnn(size: int = 64) -> keras.Model:
    """Six convolutions, 0.4 million weights, from uint8 pictures to a grid of features.

    Why: for drawn or simple pictures a network learnt from scratch does, and needs no download. A convolution sees the
    same thing the same everywhere; so that "above" and "left of" can be told, a learnt number for each place and
    feature is added half-way.

    Args:
        size: Height and width of the pictures in pixels, a multiple of 8.

    Returns:
        A model from uint8 `[batch, size, size, 3]` to float32 `[batch, size / 8, size / 8, 128]`.

    Example:

    >>> small_cnn(64).output_shape
    (None, 8, 8, 128)
    """
    picture = keras.Input((size, size, 3), dtype="uint8", name="picture")
    x = layers.Rescaling(1 / 127.5, offset=-1, name="rescaling")(picture)
    for number, (channels, stride) in enumerate(((32, 2), (48, 1), (64, 2)), 1):
        x = _convolved(x, number, channels, stride)
    x = Places(name="places")(x)
    for number, (channels, stride) in enumerate(((96, 1), (CHANNELS, 2), (CHANNELS, 1)), 4):
        x = _convolved(x, number, channels, stride)
    return keras.Model(picture, x, name="small_cnn")


@keras.saving.register_keras_serializable("rnnkit")
class Places(keras.layers.Layer):
    """Adds to each place of a grid numbers of its own, the same for all pictures, so that a place can be told.

    Example:

    >>> import numpy as np
    >>> Places()(np.ones((2, 4, 4, 3), "float32")).shape == (2, 4, 4, 3)
    True

    Reference:
        Liu et al., An Intriguing Failing of Convolutional Neural Networks and the CoordConv Solution, NeurIPS 2018
        (arXiv:1807.03247); Dosovitskiy et al., An Image is Worth 16x16 Words, ICLR 2021 (arXiv:2010.11929).
    """

    def build(self, input_shape: Any) -> None:
        self.places = self.add_weight(shape=tuple(input_shape[1:]), initializer=_Ramps(), name="places")

    def call(self, inputs: Any) -> Any:
        return inputs + self.places


@keras.saving.register_keras_serializable("rnnkit")
class _Ramps(keras.initializers.Initializer):
    """The first feature grows from top to bottom, the second from left to right; the others begin at 0."""

    def __call__(self, shape: Any, dtype: Any = None, **arguments: Any) -> Any:
        height, width, channels = shape
        down, across = keras.ops.meshgrid(
            keras.ops.linspace(-1.0, 1.0, height), keras.ops.linspace(-1.0, 1.0, width), indexing="ij"
        )
        ramps = keras.ops.stack([down, across], axis=-1)
        rest = keras.ops.zeros((height, width, max(channels - 2, 0)))
        return keras.ops.cast(keras.ops.concatenate([ramps, rest], axis=-1)[..., :channels], dtype or "float32")


def _convolved(x: Any, number: int, channels: int, stride: int) -> Any:
    x = layers.Conv2D(channels, 3, stride, "same", use_bias=False, name=f"convolution_{number}")(x)
    return layers.ReLU(name=f"relu_{number}")(layers.BatchNormalization(name=f"normalisation_{number}")(x))
