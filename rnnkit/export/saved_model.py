"""SavedModel for servers: ids in, and raw text in, with the tokeniser inside the graph."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from rnnkit.codec.tokenizer import spellings
from rnnkit.codec.vocabulary import START, UNKNOWN
from rnnkit.export.parity import Agreement, compare, require
from rnnkit.export.places import MARK, known_names
from rnnkit.files.writing import new_folder, replace_folder
from rnnkit.run.folder import SAVED_MODEL, versions, write_json


def export_saved_model(task: Any, folder: Path, compared: Any, source: str) -> dict[str, Any]:
    """Writes `saved_model/` with the signatures `serving_default` (ids, any batch and length, 0 is padding) and
    `text` (strings), each compared with Keras.

    Args:
        task: A trained task with a vocabulary and labels.
        folder: The Run's folder.
        compared: Encoded rows.
        source: Where they come from.
    """
    import tensorflow as tf

    from rnnkit.layers.run_cell import portable

    def save(target: Path) -> None:
        module = _module(task)
        with portable():
            tf.saved_model.save(module, str(target), signatures={"serving_default": module.ids, "text": module.text})

    return write_saved_model(folder, save, lambda saved: _agreement(task, saved, compared, source))


def write_saved_model(
    folder: Path,
    save: Callable[[Path], None],
    agreement_of: Callable[[Path], Agreement],
    tolerances: Mapping[str, tuple[float, float]] | None = None,
) -> dict[str, Any]:
    """Writes `saved_model/`, which gets its name once it agrees with Keras.

    Args:
        folder: The Run's folder.
        save: Writes a SavedModel into the folder it is given.
        agreement_of: Compares what was written with Keras.
        tolerances: The task's own.

    Returns:
        What was done: path, bytes and the agreement.

    Raises:
        RnnkitError: It does not agree; then nothing is left.
    """
    target = folder / SAVED_MODEL
    with new_folder(target) as new:
        save(new)
        agreement = agreement_of(new)
        require(agreement, "none", "saved_model", tolerances)
        (new / MARK).parent.mkdir(exist_ok=True)
        write_json(new / MARK, {"versions": versions()})
        replace_folder(new, target, known_names(target))
    size = sum(path.stat().st_size for path in target.rglob("*") if path.is_file())
    return {"path": str(target), "bytes": size, "agreement": agreement.to_dict()}


def _module(task: Any) -> Any:
    import keras
    import tensorflow as tf

    network = task.build()
    network.set_weights(task.network.get_weights())
    # The graph cannot lower-case as the tokeniser does, so its table lists every spelling of a word.
    written = [(form, number) for number, word in enumerate(task.vocabulary.words) for form in spellings(word)]
    words, numbers = tf.constant([form for form, _ in written]), tf.constant([number for _, number in written])

    class Serving(tf.Module):
        def __init__(self) -> None:
            self.kept = [variable.value for variable in network.variables]
            self.labels = tf.constant(task.labels)
            self.table = tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(words, numbers), UNKNOWN)

        @tf.function(input_signature=[tf.TensorSpec([None, None], tf.int32, name="ids")], autograph=False)
        def ids(self, ids: Any) -> dict[str, Any]:
            return {"probabilities": keras.ops.softmax(network(ids, training=False))}

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="text")], autograph=False)
        def text(self, text: Any) -> dict[str, Any]:
            spaced = tf.strings.regex_replace(text, task.tokenizer.re2_pattern, " ")
            tokens = tf.strings.split(spaced)  # ragged [batch, tokens]
            ids = tf.concat([tf.fill([tf.shape(text)[0], 1], START), self.table.lookup(tokens).to_tensor(0)], axis=1)
            probabilities = self.ids(ids[:, : task.options.max_length])["probabilities"]
            return {"probabilities": probabilities, "label": tf.gather(self.labels, tf.argmax(probabilities, axis=-1))}

    return Serving()


def _agreement(task: Any, folder: Path, compared: Any, source: str) -> Any:
    """Both signatures against Keras: the text one is fed words that give the same ids; the worse counts."""
    import tensorflow as tf

    loaded = tf.saved_model.load(str(folder))
    ours = task.probabilities(task.outputs(compared))
    of_ids = loaded.signatures["serving_default"]
    outputs = [of_ids(ids=tf.constant(row[None]))["probabilities"].numpy()[0] for row in compared.inputs]
    words = list(task.vocabulary.words)
    words[UNKNOWN] = next("_" * n for n in range(1, 99) if "_" * n not in task.vocabulary)
    texts = [" ".join(words[number] for number in row[1:]) for row in compared.inputs]
    of_text = loaded.signatures["text"](text=tf.constant(texts))["probabilities"].numpy()
    further = np.abs(of_text - ours).max(-1) > np.abs(np.array(outputs) - ours).max(-1)  # [rows]
    return compare(ours, np.where(further[:, None], of_text, np.array(outputs)), compared.targets, source)
