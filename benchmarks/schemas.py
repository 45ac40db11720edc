"""Write docs/schemas/: JSON schemas of a Run's config.json and a bundle's bundle.json, from the code that reads them.

Options, tasks and formats are not listed here: they come from the tasks' option classes and rnnkit.lite.
Usage: python benchmarks/schemas.py
"""

import dataclasses
import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
from rnnkit import lite, tasks  # noqa: E402
from rnnkit.codec.tag_schemes import SCHEMES  # noqa: E402
from rnnkit.codec.unit_tokenizers import TYPES  # noqa: E402
from rnnkit.export.convert import QUANTIZATIONS  # noqa: E402
from rnnkit.lite.answers.translations import SPELLINGS  # noqa: E402
from rnnkit.lite.bundle import FORMAT, FORMAT_VERSION, LONGEST, MOST_STATES  # noqa: E402
from rnnkit.lite.searching import BeamOptions  # noqa: E402
from rnnkit.options import value_type  # noqa: E402
from rnnkit.run import folder  # noqa: E402
from rnnkit.tasks.language_model.options import LanguageModelOptions  # noqa: E402

Schema = dict[str, Any]
FOLDER = ROOT / "docs" / "schemas"
_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_KINDS = {int: "integer", float: "number", bool: "boolean", str: "string"}
TEXT, FLAG, COUNT = {"type": "string"}, {"type": "boolean"}, {"type": "integer", "minimum": 0}
#: A file of the bundle: a plain name, no folder.
NAME = {"type": "string", "pattern": r"^[^/\\\x00]+$", "not": {"enum": [".", ".."]}}
NUMBER = {"type": ["number", "null"]}


def config() -> Schema:
    """Of config.json: the options of each task. A Run of an earlier rnnkit may lack some: they have their defaults."""
    made = _object({"format": {"const": folder.FORMAT}, "task": {"enum": tasks.names()}, "options": {"type": "object"}})
    made["properties"]["reading"] = _reading()
    return {
        "$schema": _DRAFT,
        "title": "config.json of an rnnkit Run",
        **made,
        "allOf": [
            _of_task(key, {"options": {"type": "object", "additionalProperties": False, "properties": options(key)}})
            for key in tasks.names()
        ],
    }


def _reading() -> Schema:
    """How the training data were read; a Run of an earlier rnnkit has none."""
    some = {"type": "string", "minLength": 1, "maxLength": 1000}
    return {
        "type": "object",
        "description": "how the training data were read: the defaults for reading more of them",
        "additionalProperties": False,
        "properties": {
            "columns": {"type": "object", "maxProperties": 100, "additionalProperties": some},
            "encoding": some, "delimiter": {"type": "string", "minLength": 1, "maxLength": 1},
            "scheme": {"enum": list(SCHEMES)},
        },
    }  # fmt: skip


#: What bundles of earlier lack.
_LATER: dict[str, Schema] = {
    "translator": {
        "spelling": {"enum": list(SPELLINGS)},
        "source_length": {"type": "integer", "minimum": 1, "maximum": LONGEST},
    }
}


def options(key: str) -> Schema:
    """The options of a task by name."""
    return {spec.name: _option(spec) for spec in dataclasses.fields(tasks.get(key).options_class)}


def bundle() -> Schema:
    """Of bundle.json: what every bundle has, and what those of each task have besides."""
    pairs = {
        "format": {"const": FORMAT}, "format_version": {"const": FORMAT_VERSION},
        "task": {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"},
        "strategy": {"enum": ["padded", "loop", "unroll", "fused", "step"]}, "quantize": {"enum": list(QUANTIZATIONS)},
        "max_length": {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
        "fixed_length": FLAG, "resets_state": FLAG,
        "inputs": _list(_tensor()), "outputs": _list(_tensor()),
        "operators": {"type": "object", "additionalProperties": {"type": "integer", "minimum": 1}},
        "versions": {"type": "object", "required": ["rnnkit"], "additionalProperties": TEXT},
        "sha256": {"type": "object", "additionalProperties": {"type": "string", "pattern": "^[0-9a-f]{64}$"}},
    }  # fmt: skip
    schema = _object(pairs)
    schema["properties"] |= {"agreement": {"type": "object"}, "milliseconds": NUMBER, "bytes": COUNT}
    schema["properties"] |= {"target": {"const": folder.MICRO}}
    each = [_of_task(key, more | _LATER.get(key, {}), list(more)) for key, more in _bundles().items()]
    each += [_of_stream(), _for_micro()]
    return {
        "$schema": _DRAFT, "title": "bundle.json of an rnnkit bundle", **schema,
        "anyOf": [{"properties": {"task": {"enum": tasks.names()}}}, _of_own_task()], "allOf": each,
    }  # fmt: skip


def _of_stream() -> Schema:
    """A task over time with states has a file that runs it step by step, beside that of whole sequences."""
    streams = {
        "task": {"enum": ["sequence_classifier", "sound_classifier", "speech_recognizer"]},
        "states": {"type": "integer", "minimum": 1},
    }
    return {"if": {**_object(streams), "not": {"required": ["target"]}}, "then": _object({"step": NAME})}


def _for_micro() -> Schema:
    """A microcontroller's file has a runner of its own, and says how much memory it takes; a step's file is for it."""
    micro = {"target": {"const": folder.MICRO}}
    needs = {"runner": {"const": folder.MICRO}, "arena": COUNT, "strategy": {"enum": ["step", "unroll", "loop"]}}
    step = {"properties": {"strategy": {"not": {"const": "step"}}}}
    return {"if": _object(micro), "then": _object(needs), "else": step}


def _of_own_task() -> Schema:
    """A task of one's own names its runner; what that reads is required as in a bundle of the runner's task."""
    arrays = {"model": NAME, "features": {"type": "integer", "minimum": 1}}
    others = {"properties": {"runner": {"enum": sorted({*lite.runner_names()} - {"arrays"})}}}
    return {"required": ["runner"], "anyOf": [_object({"runner": {"const": "arrays"}, **arrays}), others]}


def _bundles() -> dict[str, Schema]:
    model, words = {"model": NAME}, {"vocabulary": NAME, "labels": NAME}
    states = {"states": {**COUNT, "maximum": MOST_STATES}}
    search = _object({spec.name: _option(spec) for spec in dataclasses.fields(BeamOptions)})
    searched = {**states, "memory": states["states"], "search": search}
    unit = next(spec for spec in dataclasses.fields(LanguageModelOptions) if spec.name == "unit")
    writer = {**model, **states, "unit": _option(unit), "ends": FLAG}
    words_only = _object({"type": {"const": "RegexTokenizer"}, "delimiters": TEXT, "re2_pattern": TEXT})
    units = [_object({"type": {"const": name}}) for unit, name in TYPES.items() if unit != "word"]
    texts = {**model, **words, "tokenizer": {"anyOf": [words_only, *units]}}
    return {
        "forecaster": {**model, "plan": NAME, **states},
        "image_captioner": {
            "encoder": NAME, "decoder": NAME, "pieces": NAME, "image_size": {"type": "integer", "minimum": 1},
            **searched,
        },
        "language_model": writer,
        "multilabel_classifier": texts,
        "music_model": {**writer, "fields": TEXT},
        "sequence_classifier": {
            **model, "labels": NAME, "channels": NAME, "features": {"type": "integer", "minimum": 1}, "per_step": FLAG,
            **states,
        },
        "sound_classifier": {
            **model, "labels": NAME, "spectrogram": NAME, "stride": {"type": "integer", "minimum": 1, "maximum": 100},
            **states,
        },
        "speech_recognizer": {
            **model, "units": NAME, "words": NAME, "front_end": NAME,
            "stride": {"type": "integer", "minimum": 1, "maximum": 16}, **states,
        },
        "text_classifier": texts,
        "token_tagger": {
            **model, **words, "characters": NAME, "word_length": {"type": "integer", "minimum": 1, "maximum": 10_000},
            "scheme": {"enum": list(SCHEMES)},
        },
        "translator": {**model, "source_pieces": NAME, "target_pieces": NAME, **searched},
        "tree_classifier": {**model, **words, "any_children": FLAG, "lowercase": FLAG},
    }  # fmt: skip


def _option(spec: Any) -> Schema:
    known = spec.metadata
    found: Schema = {"type": _KINDS[value_type(spec)], "description": known.get("help", "")}
    if spec.default is not dataclasses.MISSING:
        found["default"] = spec.default
    if known.get("choices"):
        found["enum"] = list(known["choices"])
    for ours, theirs in (("low", "minimum"), ("high", "maximum")):
        if known.get(ours) is not None:
            found[theirs] = known[ours]
    return found


def _tensor() -> Schema:
    made = _object({"name": TEXT, "shape": _list({"type": ["integer", "null"]}), "dtype": TEXT})
    made["properties"]["signature"] = TEXT
    return made


def _list(of: Schema) -> Schema:
    return {"type": "array", "items": of}


def _object(properties: Schema) -> Schema:
    return {"type": "object", "required": list(properties), "properties": dict(properties)}


def _of_task(key: str, properties: Schema, required: list[str] | None = None) -> Schema:
    then: Schema = {"properties": properties, **({"required": required} if required else {})}
    return {"if": {"properties": {"task": {"const": key}}, "required": ["task"]}, "then": then}


def texts() -> dict[str, str]:
    """The schemas as files of docs/schemas, by name."""
    made = {"config.schema.json": config(), "bundle.schema.json": bundle()}
    return {name: json.dumps(schema, indent=1, ensure_ascii=False) + "\n" for name, schema in made.items()}


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for file, text in texts().items():
        (FOLDER / file).write_text(text, encoding="utf-8")
