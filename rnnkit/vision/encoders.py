"""Image encoders by name: from uint8 pictures to a vector, or to a grid of regions that a decoder can look at."""

import math
from collections.abc import Callable, Iterator

import keras
from keras import layers

from rnnkit.errors import CannotFetchError, RnnkitError, did_you_mean
from rnnkit.vision.efficientnet_lite import efficientnet_lite0, set_named_weights
from rnnkit.vision.kinds import ENCODERS
from rnnkit.vision.lite0_weights import lite0_weights
from rnnkit.vision.small_cnn import small_cnn

OUTPUTS = ("grid", "pooled")
WEIGHTS = ("imagenet", "random")


#: (size, pretrained, say) to a model from uint8 `[batch, size, size, 3]` to `[batch, rows, columns, features]`.
Build = Callable[[int, bool, Callable[[str], None]], keras.Model]


def image_encoder(
    name: str,
    size: int | None = None,
    output: str = "grid",
    weights: str = "imagenet",
    say: Callable[[str], None] = print,
) -> keras.Model:
    """An encoder with its preprocessing inside; it does not learn until `let_learn`, but for one without weights.

    Args:
        name: One of `ENCODERS`.
        size: Height and width of the pictures in pixels; by default the encoder's usual one.
        output: "grid" gives float32 `[batch, regions, features]`, the regions row by row; "pooled" their mean,
            `[batch, features]`.
        weights: "imagenet", or "random" where others are read into it afterwards.
        say: Called with a line of news while weights are fetched.

    Returns:
        A model whose input is uint8 `[batch, size, size, 3]`, RGB.

    Raises:
        RnnkitError: There is no such encoder, size or output, or the weights cannot be had.

    Example:

    >>> image_encoder("small_cnn", 64).output_shape
    (None, 64, 128)
    >>> image_encoder("efficientnet_lite0", output="pooled", weights="random").output_shape
    (None, 1280)
    """
    if name not in ENCODERS:
        raise RnnkitError(
            f"There is no image encoder {name!r}; there are: {', '.join(ENCODERS)}.{did_you_mean(name, ENCODERS)}"
        )
    if output not in OUTPUTS or weights not in WEIGHTS:
        raise RnnkitError(
            f"output is {output!r}, weights are {weights!r}; expected one of {', '.join(OUTPUTS)} and one of "
            f"{', '.join(WEIGHTS)}."
        )
    kind = ENCODERS[name]
    size = kind.size if size is None else size
    if size < kind.stride or size % kind.stride:
        raise RnnkitError(f"size is {size}; expected a multiple of {kind.stride} for {name}, such as {kind.size}.")
    pretrained = kind.pretrained and weights == "imagenet"
    network = _BUILD[name](size, pretrained, say)
    network.trainable = not pretrained
    grid = network.output
    if output == "pooled":
        made = layers.GlobalAveragePooling2D(name="mean")(grid)
    else:
        made = layers.Reshape((grid.shape[1] * grid.shape[2], grid.shape[3]), name="regions")(grid)
    return keras.Model(network.input, made, name=name)


def let_learn(encoder: keras.Model, layers_from_the_end: int | None = None) -> int:
    """Makes the last layers of an encoder learn, for a second stage of training at a small learning rate.

    Batch normalisation stays as it is: the few pictures of a batch would spoil the means it learnt from a million.

    Args:
        encoder: From `image_encoder`.
        layers_from_the_end: Convolutions that learn, counted from the end; None lets all learn, 0 none.

    Returns:
        How many weights learn now.

    Example:

    >>> encoder = image_encoder("small_cnn", 64)
    >>> let_learn(encoder, 1), let_learn(encoder, 0)
    (147456, 0)
    """
    encoder.trainable = True
    flat = list(_flat(encoder))
    weighted = [layer for layer in flat if layer.weights and not isinstance(layer, layers.BatchNormalization)]
    count = len(weighted) if layers_from_the_end is None else layers_from_the_end
    chosen = weighted[max(len(weighted) - count, 0) :]
    for layer in flat:
        layer.trainable = any(layer is one for one in chosen)
    return sum(math.prod(weight.shape) for weight in encoder.trainable_weights)


def _flat(model: keras.Model) -> Iterator[keras.Layer]:
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from _flat(layer)
        else:
            yield layer


def _small_cnn(size: int, pretrained: bool, say: Callable[[str], None]) -> keras.Model:
    return small_cnn(size)


def _lite0(size: int, pretrained: bool, say: Callable[[str], None]) -> keras.Model:
    weights = lite0_weights(say) if pretrained else None
    network = efficientnet_lite0(size)
    if weights is not None:
        set_named_weights(network, weights)
    return network


def _application(maker: str) -> Build:
    def build(size: int, pretrained: bool, say: Callable[[str], None]) -> keras.Model:
        picture = keras.Input((size, size, 3), dtype="uint8", name="picture")
        weights = "imagenet" if pretrained else None
        if pretrained:
            say(f"Taking the ImageNet weights of keras.applications.{maker} (downloaded the first time) ...")
        try:
            inner = getattr(keras.applications, maker)(
                include_top=False, include_preprocessing=True, weights=weights, input_shape=(size, size, 3)
            )
        except Exception as error:  # keras.utils.get_file raises Exception itself
            if not pretrained:
                raise
            reason = " ".join(str(error).split())[:160]
            raise CannotFetchError(
                f"The ImageNet weights of keras.applications.{maker} cannot be downloaded ({reason}). Go where there "
                "is a network, or use --encoder efficientnet_lite0, whose weights come with pip."
            ) from None
        return keras.Model(picture, inner(layers.Rescaling(1.0, name="as_float")(picture)), name=maker)

    return build


_BUILD: dict[str, Build] = {
    "efficientnet_lite0": _lite0,
    "mobilenet_v3_small": _application("MobileNetV3Small"),
    "efficientnet_v2_b0": _application("EfficientNetV2B0"),
    "small_cnn": _small_cnn,
}
