"""The image encoders that there are, and what is known of them before Keras is loaded."""

from typing import NamedTuple


class EncoderKind(NamedTuple):
    """What is known of an encoder before it is built.

    Attributes:
        size: The usual height and width of pictures, in pixels.
        stride: Pixels of a region's side; a size must be a multiple.
        pretrained: Whether weights learnt on ImageNet can be had; without them it must be trained.
    """

    size: int
    stride: int
    pretrained: bool


ENCODERS: dict[str, EncoderKind] = {
    "efficientnet_lite0": EncoderKind(224, 32, True),
    "mobilenet_v3_small": EncoderKind(224, 32, True),
    "efficientnet_v2_b0": EncoderKind(224, 32, True),
    "small_cnn": EncoderKind(64, 8, False),
}
