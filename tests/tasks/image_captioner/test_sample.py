"""Where the captioning pipeline's pictures come from: COCO as TFDS keeps it, drawn scenes, files."""

import io

import numpy as np
import pytest
from PIL import Image

from rnnkit.data.scenes_sample import write_scenes
from rnnkit.errors import RnnkitError
from rnnkit.tasks.image_captioner import sample as captions
from rnnkit.tasks.image_captioner.sample import caption_data


@pytest.fixture
def small(monkeypatch, tmp_path):
    """A cache of the test's own, and a sample of few scenes."""
    monkeypatch.setenv("RNNKIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("TFDS_DATA_DIR", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr(captions, "SCENES", 20)
    return tmp_path


def test_without_coco_the_sample_is_taken_loudly(small):
    said = []
    found = caption_data(say=said.append)
    assert found.name == "drawn scenes (offline sample)"
    assert {part: len(rows) for part, rows in found.parts.items()} == {"train": 16, "validation": 2, "test": 2}
    assert len(said) == 1 and said[0].startswith("NOT USING coco_captions: ")
    assert "--data tfds downloads its 25 GB" in said[0]
    again = caption_data("sample", say=said.append)
    assert [one.path for one in again] == [one.path for one in found] and len(said) == 1


def test_a_folder_of_ones_own(small):
    write_scenes(small / "mine", 20)
    assert len(caption_data(str(small / "mine"))) == 20
    with pytest.raises(RnnkitError, match="--images is for a table of your own, and --data is 'sample'"):
        caption_data("sample", images="x")
    with pytest.raises(RnnkitError, match="Did you mean 'sample'"):
        caption_data("sampel")
    with pytest.raises(RnnkitError, match="does not hold a prepared coco_captions/2014"):
        caption_data("tfds", str(small))


@pytest.mark.slow
def test_coco_as_tfds_keeps_it(small):
    """A set with the features of the real one, written and read by TFDS itself."""
    tfds = pytest.importorskip("tensorflow_datasets", reason="tensorflow_datasets is not installed")
    import tensorflow as tf

    def examples(first, count):
        for number in range(first, first + count):
            file = io.BytesIO()
            Image.fromarray(np.full((24, 32, 3), 10 * number, np.uint8)).save(file, "JPEG")
            yield {
                "image": np.array(Image.open(io.BytesIO(file.getvalue()))), "image/id": number,
                "image/filename": f"COCO_{number}.jpg",
                "captions": {"id": [2 * number, 2 * number + 1], "text": [f"number {number}", " the same again \n"]},
            }  # fmt: skip

    features = tfds.features.FeaturesDict({
        "image": tfds.features.Image(encoding_format="jpeg"), "image/id": np.int64,
        "image/filename": tfds.features.Text(),
        "captions": tfds.features.Sequence({"id": np.int64, "text": np.str_}),
    })  # fmt: skip
    signature = {
        "image": tf.TensorSpec((None, None, 3), tf.uint8), "image/id": tf.TensorSpec((), tf.int64),
        "image/filename": tf.TensorSpec((), tf.string),
        "captions": {"id": tf.TensorSpec((None,), tf.int64), "text": tf.TensorSpec((None,), tf.string)},
    }  # fmt: skip
    sets = {
        split: tf.data.Dataset.from_generator(lambda a=first, b=count: examples(a, b), output_signature=signature)
        for split, first, count in (("train", 0, 8), ("val", 8, 3), ("test", 11, 3))
    }
    tfds.dataset_builders.store_as_tfds_dataset(
        name="coco_captions", config="2014", version="1.1.0", data_dir=str(small), features=features,
        split_datasets=sets,
    )  # fmt: skip
    found = caption_data("auto", str(small), most=0)
    assert {part: len(rows) for part, rows in found.parts.items()} == {"train": 8, "validation": 3, "test": 3}
    assert found.name == "coco_captions, 14 pictures"
    by_name = {one.path.name: one.captions for one in found}
    assert by_name["COCO_3.jpg"] == ("number 3", "the same again")
    some = caption_data("tfds", str(small), most=4)
    assert {part: len(rows) for part, rows in some.parts.items()} == {"train": 4, "validation": 1, "test": 1}
