"""Translation sets of TensorFlow Datasets as pairs of sentences."""

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from rnnkit.data.part_files import PARTS
from rnnkit.data.tfds import find_set, tfds_folder
from rnnkit.errors import RnnkitError, did_you_mean

TED = "ted_multi_translate"
_SIZES = {TED: "336 MB"}


def load_translation(
    name: str = TED,
    source: str = "en",
    target: str = "de",
    data_dir: str | None = None,
    timeout_seconds: float = 20,
    say: Callable[[str], None] = print,
) -> dict[str, list[tuple[str, str]]]:
    """Load the pairs of a translation set in two of its languages, in the same way as `rnnkit.data.tfds.load_imdb`.

    Sets whose features are `Translation` or `TranslationVariableLanguages` can be read: ted_multi_translate,
    ted_hrlr_translate, wmt14_translate and the like, flores, para_crawl, opus. Each of several translations of a
    sentence makes a pair; examples that lack one of the languages are skipped.

    Args:
        name: Name of the set; its configuration, as in "wmt16_translate/de-en", is found by the languages if omitted.
        source: Language to translate from, in the set's spelling.
        target: Language to translate into.
        data_dir: TFDS folder; by default the environment variable TFDS_DATA_DIR.
        timeout_seconds: As for `load_imdb`.
        say: Called with a message before a download.

    Returns:
        "train", and "validation" and "test" where the set has them, each a list of (source, target) in the order of
        the files.

    Raises:
        RnnkitError: The set is unavailable, or not available in these languages.

    Reference: Qi et al., "When and Why are Pre-trained Word Embeddings Useful for Neural Machine Translation?", NAACL
    2018 (the TED talks).
    """
    full = name if "/" in name else _with_config(name, source, target, *tfds_folder(data_dir))
    prepared = find_set(full, _SIZES.get(full, ""), data_dir, timeout_seconds, say)
    import tensorflow_datasets as tfds

    builder = tfds.builder_from_directory(str(prepared))
    names = list(builder.info.splits)
    splits = {part: split for part, words in PARTS.items() for split in names if split.lower() in words}
    if "train" not in splits:
        raise RnnkitError(f"{full} has no training part; it has: {', '.join(names) or 'none'}. Name another set.")
    pairs = {
        part: list(_pairs(builder.as_dataset(split=split, shuffle_files=False).as_numpy_iterator(), source, target))
        for part, split in splits.items()
    }
    if not pairs["train"]:
        there = ", ".join(_languages(builder.info.features))
        raise RnnkitError(f"{full} has no pairs of {source!r} and {target!r}. Its languages: {there or 'unknown'}.")
    return pairs


def _with_config(name: str, source: str, target: str, folder: Path, named: bool) -> str:
    """The set's name and the configuration of these languages; only the name for a set that has none.

    A given folder holds all that is available; otherwise TFDS is asked what it could download.
    """
    if any((folder / name).glob("*/dataset_info.json")):
        return name
    there = sorted({path.parent.parent.name for path in (folder / name).glob("*/*/dataset_info.json")})
    if config := _config_for(there, source, target):
        return f"{name}/{config}"
    if named and there:
        raise RnnkitError(f"{folder} holds {name} as {', '.join(there)}; none of them is for {source} and {target}.")
    if named:
        return name
    import tensorflow_datasets as tfds

    try:
        configs = [config.name for config in tfds.builder_cls(name).BUILDER_CONFIGS]
    except tfds.core.registered.DatasetNotFoundError:  # its message is pages long
        known = [known for known in tfds.list_builders(with_community_datasets=False) if "translate" in known]
        near = did_you_mean(name, known) or f" Known are {', '.join(known)} and others."
        raise RnnkitError(f"TFDS has no set {name!r}.{near}") from None
    if not configs:
        return name
    if config := _config_for(configs, source, target):
        return f"{name}/{config}"
    shown = ", ".join(configs[:20]) + (f" and {len(configs) - 20} more" if len(configs) > 20 else "")
    raise RnnkitError(f"{name} has no part for {source} and {target}; it has: {shown}. Name one: {name}/{configs[0]}.")


def _config_for(configs: Iterable[str], source: str, target: str) -> str | None:
    """The configuration of these languages, by its name: de-en, pt_to_en, ende; the same direction is preferred.

    >>> _config_for(["en-fr", "en-ja", "fr-en"], "fr", "en"), _config_for(["pt_to_en"], "en", "pt")
    ('fr-en', 'pt_to_en')
    >>> _config_for(["enbg", "ende"], "de", "en")
    'ende'
    """
    for first, second in ((source, target), (target, source)):
        wanted = re.compile(rf"{re.escape(first)}(?:[-_]|_to_)?{re.escape(second)}", re.IGNORECASE)
        for config in configs:
            if wanted.fullmatch(config):
                return config
    return None


def _pairs(examples: Iterable[Mapping[str, Any]], source: str, target: str) -> Iterable[tuple[str, str]]:
    for example in examples:
        if "language" not in example and source not in example:
            inner = (value for value in example.values() if isinstance(value, Mapping))
            example = next((value for value in inner if "language" in value or source in value), {})
        if "language" in example:
            by_language: dict[str, list[bytes]] = {}
            for language, text in zip(example["language"], example["translation"], strict=True):
                by_language.setdefault(language.decode("utf-8"), []).append(text)
        else:
            by_language = {language: [text] for language, text in example.items() if isinstance(text, bytes)}
        for first in by_language.get(source, []):
            for second in by_language.get(target, []):
                yield first.decode("utf-8"), second.decode("utf-8")


def _languages(features: Any) -> list[str]:
    """The languages named in a set's features."""
    if found := getattr(features, "languages", None):
        return sorted(found)
    return sorted({language for feature in getattr(features, "values", list)() for language in _languages(feature)})
