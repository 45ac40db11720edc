"""Files with our metadata run in MediaPipe's TextClassifier, and it sees exactly the ids our tokeniser gives."""

import io
import unicodedata
import zipfile

import numpy as np
import pytest

from rnnkit.codec.normalise import canonical
from rnnkit.codec.tokenizer import DELIMITERS, RegexTokenizer
from rnnkit.codec.vocabulary import Vocabulary
from rnnkit.errors import RnnkitError
from rnnkit.export import flatbuffer
from rnnkit.tasks.text_classifier.mediapipe import add_text_classifier_metadata

pytestmark = pytest.mark.interop
tf = pytest.importorskip("tensorflow", reason="the models are made with TensorFlow")

LENGTH = 32
LABELS = ["negative", "positive", "so so 😐"]
TEXTS = [
    "A good film.",
    "",
    "   ",
    "\n\t\r\n",
    "!!! ... ???",
    "it's GREAT -- très BON, Good",
    "École É éclair ÉCLAIR Éclair",
    unicodedata.normalize("NFD", "École É éclair ÉCLAIR"),
    unicodedata.normalize("NFD", "Việt Nam đẹp lắm"),
    "Привет, мир! ПРИВЕТ привет пРиВеТ",
    "नमस्ते दुनिया, फ़िल्म अच्छी है",
    "这部电影很好看。真的！",
    "映画はとても良かった、ウソー",
    "좋은 영화였다",
    "العربية جميل، نعم ١٢٣",
    "עברית שָׁלוֹם",
    "ไทย ภาษาไทย",
    "😀 good👍🏽film 👩‍👩‍👧 ❤️",
    "don't 'quoted' o'clock '' ' O'Hara O'CLOCK 'Tis",
    "don’t ‘quote’ “double”",
    "snake_case __init__ _ _Private",
    "tab\tsep\nnew\r\nline\vvt\ff\x1cfs\x85nel",
    "Ⅳ ⅳ ⅷ x² ½ 10³ ① ٣ १२ 𝟘",
    "3.14 1,000 007 2nd 2ND 3D",
    "a\u00a0b\u2003c\u200bd\u2028e\u2029f\ufeffg\u00adh",
    "ﬁne ﬀ ß ẞ STRASSE straße İstanbul ISTANBUL ısı Σίσυφος ΣΊΣΥΦΟΣ ǅ ǆ Ǆ",
    "ＦＵＬＬ ｗｉｄｔｈ Ｆull",
    "<PAD> <START> <UNKNOWN> <UNK> PAD",
    "<br />good<br/>bad",
    "¡Hola! ¿Qué tal? price: $5 €10 50% a-b/c\\d|e",
    "YouTube IMDb McCoy iPhone DVDs gOOD GooD",
    "mixed日本語English ABCдеж",
    "K Å ſ ª º ʰ ˈ ‿tie⁀ ＿full 〇 々 ヶ ー",
    "\U00010400\U0001d400 𝒳 ა Ა Ꭰ ꭰ 🄰 Ⓐ",
    "\x01ctrl\x1f good\x7f",
    "the end\x00 of the text for MediaPipe",
    "good " * 100,
    "g" + "o" * 5000 + "d",
    "G" + "O" * 100 + "D",
    "A" * 3 + "é" * 3,
]


def _parted(text):
    """A text as MediaPipe sees it: characters without a width, which `canonical` takes out, part words there."""
    return "".join(" " if canonical(f"x{character}y") == "xy" else character for character in text)


def _convert(function, folder, length=LENGTH, module=None):
    concrete = tf.function(function).get_concrete_function(tf.TensorSpec([1, length], tf.int32, "ids"))
    module = module or tf.Module()
    module.function = concrete
    tf.saved_model.save(module, str(folder), signatures={"serving_default": concrete})
    return tf.lite.TFLiteConverter.from_saved_model(str(folder)).convert()


def _probe(folder, length):
    return _convert(lambda ids: {"seen": tf.cast(ids, tf.float32)}, folder, length)


@pytest.fixture(scope="module")
def probe(tmp_path_factory):
    """A model that answers with the ids it was given."""
    return _probe(tmp_path_factory.mktemp("probe"), LENGTH)


def _with_metadata(model, vocabulary, tmp_path, delimiters="words", labels=None, length=LENGTH, **changes):
    vocabulary.save(tmp_path / "vocab.txt")
    arguments = {
        "vocabulary_text": (tmp_path / "vocab.txt").read_bytes().decode(),
        "labels": labels or [str(place) for place in range(length)],
        "tokenizer": RegexTokenizer(delimiters),
        "name": "Probe",
        "description": "Shows ids.",
        "max_length": length,
    }
    return add_text_classifier_metadata(model, **(arguments | changes))


def _scores(model, texts):
    """What MediaPipe's classifier answers: one {label: score} per text."""
    text = pytest.importorskip("mediapipe.tasks.python.text", reason="MediaPipe is an optional development tool")
    base_options = pytest.importorskip("mediapipe.tasks.python").BaseOptions(model_asset_buffer=model)
    with text.TextClassifier.create_from_options(text.TextClassifierOptions(base_options=base_options)) as classifier:
        results = [classifier.classify(given).classifications[0].categories for given in texts]
    return [{category.category_name: category.score for category in categories} for categories in results]


def _seen(model, texts, length=LENGTH):
    """The ids MediaPipe fed to the probe: int [texts, length]."""
    return np.array([[round(scores[str(i)]) for i in range(length)] for scores in _scores(model, texts)])


@pytest.mark.parametrize("delimiters", DELIMITERS)
def test_mediapipe_sees_our_ids(probe, tmp_path, delimiters):
    tokenizer = RegexTokenizer(delimiters)
    words = sorted({word for text in TEXTS for word in tokenizer(text) if len(word) < 100} | {"g" + "o" * 100 + "d"})
    for left_out in (0, 1, 2):  # every word is unknown once, so that one id never stands for all
        vocabulary = Vocabulary([word for place, word in enumerate(words) if place % 3 != left_out])
        model = _with_metadata(probe, vocabulary, tmp_path, delimiters)
        ours = [vocabulary.encode(tokenizer(_parted(text)), LENGTH) for text in TEXTS]
        for text, seen, ids in zip(TEXTS, _seen(model, TEXTS), ours, strict=True):
            padded = np.pad(ids, (0, LENGTH - len(ids)))
            names = [[vocabulary.words[i] for i in row] for row in (seen, padded)]
            assert names[0] == names[1], f"{text[:60]!r}: MediaPipe sees the first, rnnkit gives the second"


@pytest.mark.parametrize("delimiters", DELIMITERS)
def test_every_character_splits_or_joins_as_in_mediapipe(tmp_path, delimiters):
    """Characters newer than this Python's Unicode tables are left out: MediaPipe's know more of them."""
    batch, tokenizer, vocabulary = 5000, RegexTokenizer(delimiters), Vocabulary(["x", "y"])
    length = 2 * batch + 1
    model = _with_metadata(_probe(tmp_path / "probe", length), vocabulary, tmp_path, delimiters, length=length)
    characters = [c for c in map(chr, range(1, 0x110000)) if unicodedata.category(c) not in ("Cn", "Cs", "Co")]
    if delimiters == "words":  # without signs that are two others for `canonical`, such as U+1D15F
        characters = [c for c in map(_parted, characters) if unicodedata.normalize("NFC", c) == c]
    texts = [
        " ".join(f"x{character}y" for character in characters[start : start + batch])
        for start in range(0, len(characters), batch)
    ]
    for text, seen in zip(texts, _seen(model, texts, length), strict=True):
        ids = vocabulary.encode(tokenizer(text))
        np.testing.assert_array_equal(seen[: len(ids)], ids)
        assert not seen[len(ids) :].any()


def test_an_unrolled_lstm_gives_the_same_labels(tmp_path):
    from rnnkit.lite.interpreter import open_model

    random = np.random.default_rng(5)
    vocabulary = Vocabulary(sorted({word for text in TEXTS for word in RegexTokenizer()(text) if len(word) < 100}))
    units, values = 8, lambda *shape: tf.constant(random.normal(size=shape).astype(np.float32))
    embedding, kernel, recurrent, head = (
        values(*shape) for shape in ((len(vocabulary), 8), (8, 4 * units), (units, 4 * units), (units, len(LABELS)))
    )

    def classify(ids):
        h = c = tf.zeros((1, units))
        real = tf.not_equal(ids, 0)
        for t in range(LENGTH):
            z = tf.matmul(tf.gather(embedding, ids[:, t]), kernel) + tf.matmul(h, recurrent)
            i, f, g, o = tf.split(z, 4, 1)
            new_c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
            new_h = tf.sigmoid(o) * tf.tanh(new_c)
            h, c = (tf.where(real[:, t, None], new, old) for new, old in ((new_h, h), (new_c, c)))
        return {"probability": tf.nn.softmax(tf.matmul(h, head))}

    model = flatbuffer.strip_names(_convert(classify, tmp_path / "lstm"))
    with_metadata = _with_metadata(model, vocabulary, tmp_path, labels=LABELS)
    run = open_model(with_metadata).get_signature_runner()
    winners = set()
    for text, scores in zip(TEXTS, _scores(with_metadata, TEXTS), strict=True):
        ids = vocabulary.encode(RegexTokenizer()(_parted(text)), LENGTH)
        row = run(ids=np.pad(ids, (0, LENGTH - len(ids)))[None])["probability"][0]
        np.testing.assert_allclose([scores[label] for label in LABELS], row, atol=1e-6)
        winners.add(max(scores, key=scores.get))
        assert max(scores, key=scores.get) == LABELS[row.argmax()]
    assert len(winners) > 1, "a classifier that always says the same proves nothing"


def test_metadata_is_readable_by_mediapipes_schema(probe, tmp_path):
    path = "mediapipe.tasks.metadata.metadata_schema_py_generated"
    schema = pytest.importorskip(path, reason="MediaPipe is an optional development tool")
    model = _with_metadata(probe, Vocabulary(["good"]), tmp_path)
    tree = flatbuffer.read_tree(model)
    [buffer] = [tree.buffers[entry.buffer].data for entry in tree.metadata if entry.name == b"TFLITE_METADATA"]
    assert schema.ModelMetadata.ModelMetadataBufferHasIdentifier(buffer.tobytes(), 0)
    metadata = schema.ModelMetadataT.InitFromPackedBuf(buffer.tobytes())
    [graph] = metadata.subgraphMetadata
    [ids], [probability] = graph.inputTensorMetadata, graph.outputTensorMetadata
    options = ids.processUnits[0].options
    assert (metadata.name, metadata.description) == (b"Probe", b"Shows ids.")
    assert options.delimRegexPattern.decode() == RegexTokenizer().re2_pattern
    assert [(file.name, file.type) for file in options.vocabFile] == [(b"vocab.txt", 5)]
    assert [(file.name, file.type) for file in probability.associatedFiles] == [(b"labels.txt", 2)]


def test_files_are_attached_uncompressed_and_metadata_is_replaced(probe, tmp_path):
    once = _with_metadata(probe, Vocabulary(["good", "YouTube"]), tmp_path)
    twice = _with_metadata(once, Vocabulary(["good", "YouTube"]), tmp_path)
    assert once == twice, "the same input gives the same bytes, and old metadata does not pile up"
    with zipfile.ZipFile(io.BytesIO(once)) as archive:
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}
        vocabulary = archive.read("vocab.txt").decode()
        assert archive.read("labels.txt").decode().split("\n")[:2] == ["0", "1"]
    assert vocabulary == "<PAD> 0\n<START> 1\n<UNKNOWN> 2\ngood 3\nGood 3\nGOOD 3\nYouTube 4\n"
    with pytest.raises(RnnkitError, match="files attached"):
        flatbuffer.strip_names(once)


def test_models_mediapipe_cannot_run_are_refused(probe, tmp_path):
    vocabulary = Vocabulary(["good"])
    with pytest.raises(RnnkitError, match=r"inputs are int32 \[1, 32\]; MediaPipe needs one int32 \[1, 33\]"):
        _with_metadata(probe, vocabulary, tmp_path, max_length=33)
    with pytest.raises(RnnkitError, match=r"outputs are float32 \[1, 32\]; MediaPipe needs one float32 \[1, 2\]"):
        _with_metadata(probe, vocabulary, tmp_path, labels=["a", "b"])
    with pytest.raises(RnnkitError, match=r"label 'two\\nlines'"):
        _with_metadata(probe, vocabulary, tmp_path, labels=["two\nlines", *map(str, range(LENGTH - 1))])
    tree = flatbuffer.read_tree(probe)
    tree.subgraphs *= 2
    with pytest.raises(RnnkitError, match="2 subgraphs.*'unroll'"):
        _with_metadata(flatbuffer.write_tree(tree), vocabulary, tmp_path)
