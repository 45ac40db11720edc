"""Word vectors from files of others: what is read, what is refused, and where they end up."""

import gzip

import numpy as np
import pytest
from tasks.tiny import OPTIONS, rows

import rnnkit
from rnnkit.data.embeddings import read_word_vectors
from rnnkit.errors import RnnkitError


def vectors(words, size=4, seed=0):
    random = np.random.default_rng(seed)
    return {word: random.normal(size=size).astype(np.float32) for word in words}


def lines(table):
    return "".join(f"{word} {' '.join(map(str, row.tolist()))}\n" for word, row in table.items())


@pytest.fixture
def write(tmp_path):
    def written(text, name="vectors.txt"):
        data = text if isinstance(text, bytes) else text.encode()
        (tmp_path / name).write_bytes(data)
        return tmp_path / name

    return written


def test_all_three_formats_say_the_same(write):
    table = vectors(["film", "good", ",", "café"])
    glove, fasttext = lines(table), f"{len(table)} 4\n{lines(table)}"
    word2vec = fasttext.replace("\n", " \n")  # word2vec's own writer ends lines with a blank
    for text in (glove, fasttext, word2vec, gzip.compress(glove.encode())):
        found = read_word_vectors(write(text))
        assert found.words == list(table) and found.size == 4
        np.testing.assert_array_equal(found.vectors, np.stack(list(table.values())))


def test_words_with_blanks_most_and_folding(write):
    text = "2 3\n. . 1 2 3\nThe 4 5 6\nthe 7 8 9\nend 0 0 0\n"
    assert read_word_vectors(write(text)).words == [". .", "The", "the", "end"]
    folded = read_word_vectors(write(text), most=2, fold=str.lower)
    assert folded.words == [". .", "the"] and folded.vectors[1].tolist() == [4, 5, 6]


@pytest.mark.parametrize(
    "text, said",
    [
        ("good 1 2\nbad 1\n", "line 2 is b'bad 1.*expected a word and 2 numbers"),
        ("good 1 2\nbad 1 x\n", "line 2"),
        ("good 1 nan\n", "line 1"),
        ("2 2\ngood 1 2 3\nbad 4 5 6\n", "line 2 has 3 numbers and line 1 says 2"),
        ("word\n", "line 1"),
        ("3 4\n", "holds no word vectors"),
        ("", "is empty; expected a word and its numbers a line"),
        (b"400000 100\n\x00\x01word\xff\xfe\x00 \x80\x3f\n", "binary form"),
    ],
)
def test_what_is_refused(text, said, write):
    with pytest.raises(RnnkitError, match=said):
        read_word_vectors(write(text))


def test_more_blanks_than_one_part_alike(write):
    assert read_word_vectors(write("good  1\t 2\nbad 3  4\n")).vectors.tolist() == [[1, 2], [3, 4]]


def test_other_files_are_refused_with_what_to_give(write, tmp_path):
    with pytest.raises(RnnkitError, match=r"Unpack it, and give the .txt or .vec file in it"):
        read_word_vectors(write(b"PK\x03\x04", "glove.zip"))
    with pytest.raises(RnnkitError, match=r"is a folder; expected a .txt or .vec file"):
        read_word_vectors(tmp_path)


def test_a_missing_file_is_refused_before_training(tmp_path):
    task = rnnkit.TextClassifier(**OPTIONS, embeddings=str(tmp_path / "glove.txt"))
    with pytest.raises(RnnkitError, match="There is no file .*glove.txt"):
        task.fit(rows(), to=tmp_path / "run")
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_the_network_begins_with_them_and_knows_more_words(write, capsys):
    table = vectors(["good", "awful", "superb"])
    path = write(lines(table))
    task = rnnkit.TextClassifier(**{**OPTIONS, "epochs": 1, "learning_rate": 1e-8}, embeddings=str(path)).fit(rows())
    learnt = task.network.get_layer("embedding").get_weights()[0]
    for word, row in table.items():
        np.testing.assert_allclose(learnt[task.vocabulary.words.index(word)], row, atol=1e-5)
    assert np.abs(learnt[task.vocabulary.words.index("film")]).max() < 0.06
    assert task.results["data"]["begins_with"].startswith("vectors.txt: 2 of ")
    assert "words start from the vectors of vectors.txt" in capsys.readouterr().err


def test_vectors_of_another_width_are_refused(write):
    task = rnnkit.TextClassifier(**OPTIONS, embeddings=str(write(lines(vectors(["good"], size=7)))))
    with pytest.raises(RnnkitError, match="vectors of 7 numbers.*have 4. Give --embedding-size 7"):
        task.fit(rows())
