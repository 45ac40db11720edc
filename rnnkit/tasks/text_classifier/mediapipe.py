"""The metadata that MediaPipe's `TextClassifier` needs in a `.tflite` text classifier to accept raw text.

The metadata is a separate FlatBuffer (TFLite Metadata, file identifier M001) kept in a buffer of the model, and the
vocabulary and the labels are a ZIP at the end of the file. MediaPipe's own writer does not import in its current
release, so the few tables needed are written here. Field numbers are those of metadata_schema.fbs, version 1.5.0.
"""

import io
import re
import zipfile
from typing import Any

import flatbuffers
import numpy as np

from rnnkit.codec.tokenizer import RegexTokenizer
from rnnkit.codec.vocabulary import SPECIALS
from rnnkit.errors import RnnkitError
from rnnkit.export import flatbuffer

METADATA_NAME = "TFLITE_METADATA"
METADATA_IDENTIFIER = b"M001"
MIN_PARSER_VERSION = "1.2.1"  # the first with RegexTokenizerOptions
VOCABULARY_FILE = "vocab.txt"
LABELS_FILE = "labels.txt"

_ASSOCIATED_FILE = {"name": 0, "description": 1, "type": 2}
_CONTENT = {"content_properties_type": 0, "content_properties": 1}
_MODEL = {"name": 0, "description": 1, "subgraph_metadata": 3, "min_parser_version": 7}
_PROCESS_UNIT = {"options_type": 0, "options": 1}
_REGEX_TOKENIZER = {"delim_regex_pattern": 0, "vocab_file": 1}
_SUBGRAPH = {"input_tensor_metadata": 2, "output_tensor_metadata": 3}
_TENSOR = {"name": 0, "description": 1, "content": 3, "process_units": 4, "associated_files": 6}

_TENSOR_AXIS_LABELS, _VOCABULARY = 2, 5  # enum AssociatedFileType
_FEATURE_PROPERTIES = 1  # union ContentProperties
_REGEX_TOKENIZER_OPTIONS = 6  # union ProcessUnitOptions


def add_text_classifier_metadata(
    model: bytes,
    *,
    vocabulary_text: str,
    labels: list[str],
    tokenizer: RegexTokenizer,
    name: str,
    description: str,
    max_length: int,
) -> bytes:
    """Return `model` with the metadata that `mediapipe.tasks.python.text.TextClassifier` needs on all its platforms.

    MediaPipe then splits raw text by the tokeniser's `re2_pattern`, looks up the tokens, puts `<START>` first, cuts or
    pads with `<PAD>` to `max_length`, and names the outputs by `labels`. It neither lower-cases nor normalises, so the
    vocabulary inside the file gives all `spellings` of a word its id ("Good", "GOOD"), which yields the same ids as our
    tokeniser at the cost of about 40 bytes per word. Existing metadata is replaced.

    Args:
        model: A `.tflite` file with one subgraph, int32 ids [1, max_length] in, float32 probabilities [1, labels] out.
        vocabulary_text: Lines of `word index`, among them `<PAD>`, `<START>` and `<UNKNOWN>`.
        labels: One for each output, in order.
        tokenizer: What finds the words.
        name: Name of the model.
        description: A human-readable description.
        max_length: Ids per text, `<START>` included.

    Raises:
        RnnkitError: The model cannot run in MediaPipe, or the labels do not fit its output.

    Example:

    >>> add_text_classifier_metadata(model, vocabulary_text="<PAD> 0\\n<START> 1\\n<UNKNOWN> 2\\ngood 3\\n",
    ...     labels=["negative", "positive"], tokenizer=RegexTokenizer(), name="Reviews", description="Judges reviews.",
    ...     max_length=400)  # doctest: +SKIP
    """
    tree = flatbuffer.read_tree(model)
    _check_model(tree, len(labels), max_length)
    _check_labels(labels)
    _set_metadata(tree, _metadata(name, description, tokenizer.re2_pattern))
    file = io.BytesIO(flatbuffer.write_tree(tree))
    texts = {VOCABULARY_FILE: _with_spellings(vocabulary_text, tokenizer), LABELS_FILE: "\n".join(labels) + "\n"}
    with zipfile.ZipFile(file, "a", zipfile.ZIP_STORED) as archive:
        for file_name, text in texts.items():
            archive.writestr(zipfile.ZipInfo(file_name), text.encode())  # no time stamp: same input, same bytes
    return file.getvalue()


def _with_spellings(vocabulary_text: str, tokenizer: RegexTokenizer) -> str:
    lines = []
    for line in vocabulary_text.removesuffix("\n").split("\n"):
        word, _, index = line.rpartition(" ")
        lines += [f"{form} {index}\n" for form in ([word] if word in SPECIALS else tokenizer.spellings(word))]
    return "".join(lines)


def _metadata(name: str, description: str, re2_pattern: str) -> bytes:
    vocabulary = _named(
        _ASSOCIATED_FILE, name=VOCABULARY_FILE, description="One line per word: the word and its id.", type=_VOCABULARY
    )
    labels = _named(_ASSOCIATED_FILE, name=LABELS_FILE, description="One line per label.", type=_TENSOR_AXIS_LABELS)
    tokenizer = _named(_REGEX_TOKENIZER, delim_regex_pattern=re2_pattern, vocab_file=[vocabulary])
    feature = _named(_CONTENT, content_properties_type=_FEATURE_PROPERTIES, content_properties={})
    ids = _named(
        _TENSOR,
        name="ids",
        description="Ids of the words of the text.",
        content=feature,
        process_units=[_named(_PROCESS_UNIT, options_type=_REGEX_TOKENIZER_OPTIONS, options=tokenizer)],
    )
    probabilities = _named(
        _TENSOR, name="probability", description="One per label.", content=feature, associated_files=[labels]
    )
    model = _named(
        _MODEL,
        name=name,
        description=description,
        subgraph_metadata=[_named(_SUBGRAPH, input_tensor_metadata=[ids], output_tensor_metadata=[probabilities])],
        min_parser_version=MIN_PARSER_VERSION,
    )
    builder = flatbuffers.Builder(1024)
    builder.Finish(_table(builder, model), file_identifier=METADATA_IDENTIFIER)
    return bytes(builder.Output())


def _named(numbers: dict[str, int], **values: Any) -> dict[int, Any]:
    return {numbers[field]: value for field, value in values.items()}


def _table(builder: flatbuffers.Builder, fields: dict[int, Any]) -> int:
    """Write one table: text, small whole numbers (enums), tables (dict) and vectors of tables (list)."""
    offsets = {number: _place(builder, value) for number, value in fields.items() if not isinstance(value, int)}
    builder.StartObject(max(fields, default=-1) + 1)
    for number, value in fields.items():
        if number in offsets:
            builder.PrependUOffsetTRelativeSlot(number, offsets[number], 0)
        else:
            builder.PrependUint8Slot(number, value, 0)
    return int(builder.EndObject())


def _place(builder: flatbuffers.Builder, value: Any) -> int:
    if isinstance(value, str):
        return int(builder.CreateString(value))
    if isinstance(value, dict):
        return _table(builder, value)
    offsets = [_table(builder, item) for item in value]
    builder.StartVector(4, len(offsets), 4)
    for offset in reversed(offsets):
        builder.PrependUOffsetTRelative(offset)
    return int(builder.EndVector())


def _set_metadata(tree: Any, metadata: bytes) -> None:
    from ai_edge_litert import schema_py_generated as schema

    buffer = schema.BufferT(data=np.frombuffer(metadata, np.uint8))
    for entry in tree.metadata or []:
        if entry.name == METADATA_NAME.encode():
            tree.buffers[entry.buffer] = buffer
            return
    tree.metadata = [*(tree.metadata or []), schema.MetadataT(name=METADATA_NAME, buffer=len(tree.buffers))]
    tree.buffers.append(buffer)


def _check_model(tree: Any, labels: int, max_length: int) -> None:
    from ai_edge_litert.schema_py_generated import TensorType

    if len(tree.subgraphs) != 1:
        raise RnnkitError(
            f"The model has {len(tree.subgraphs)} subgraphs; MediaPipe runs one. Export with strategy 'unroll'."
        )
    graph = tree.subgraphs[0]
    ids, probabilities = (TensorType.INT32, max_length), (TensorType.FLOAT32, labels)
    for side, indices, (dtype, width) in (("inputs", graph.inputs, ids), ("outputs", graph.outputs, probabilities)):
        tensors = [graph.tensors[index] for index in indices]
        if [(tensor.type, list(tensor.shape)) for tensor in tensors] != [(dtype, [1, width])]:
            type_names = {value: key.lower() for key, value in vars(TensorType).items() if isinstance(value, int)}
            given = ", ".join(f"{type_names[tensor.type]} {list(map(int, tensor.shape))}" for tensor in tensors)
            raise RnnkitError(f"The model's {side} are {given}; MediaPipe needs one {type_names[dtype]} [1, {width}].")


def _check_labels(labels: list[str]) -> None:
    for label in labels:
        if not label or re.search(r"[\r\n\0]", label):
            raise RnnkitError(f"The label {label!r} cannot be a line of {LABELS_FILE}. Give it a one-line name.")
