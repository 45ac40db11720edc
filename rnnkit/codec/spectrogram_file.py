"""The settings of a front end as the text of a file, in a Run and in a bundle."""

import json
import math
from dataclasses import asdict, fields
from typing import Any

from rnnkit.codec.spectrogram import Spectrogram
from rnnkit.errors import RnnkitError

_FIELDS = {field.name: field.type for field in fields(Spectrogram)}


def spectrogram_text(spectrogram: Spectrogram) -> str:
    """Settings as JSON.

    Example:

    >>> spectrogram_of(json.loads(spectrogram_text(Spectrogram(rate=8000))), "it").rate
    8000
    """
    return json.dumps(asdict(spectrogram), indent=1) + "\n"


def spectrogram_of(content: Any, where: str) -> Spectrogram:
    """Settings from the parsed content of that file, which may come from anyone.

    Args:
        content: The content.
        where: What messages call the file.

    Raises:
        RnnkitError: It is not what `spectrogram_text` writes; says which setting is wrong.
    """
    if not isinstance(content, dict) or set(content) != set(_FIELDS):
        raise RnnkitError(f"{where} should have the settings {', '.join(_FIELDS)}. It is broken; copy it again.")
    found = dict(content)
    for name in ("mean", "std"):
        if not isinstance(found[name], list) or not all(_is_number(each) for each in found[name]):
            raise RnnkitError(f"{where}: {name} is no list of numbers. It is broken; copy it again.")
        found[name] = tuple(map(float, found[name]))
    if not isinstance(found["normalise"], str):
        raise RnnkitError(f"{where}: normalise is no text. It is broken; copy it again.")
    try:
        return Spectrogram(**found)
    except RnnkitError as error:
        raise RnnkitError(f"{where}: {error}") from None


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value)
