import pytest

from rnnkit.errors import RnnkitError
from rnnkit.tasks.translator.sample import translation_data
from rnnkit.tasks.translator.tfds import _config_for, _pairs, _with_config, load_translation


def test_both_kinds_of_features_give_pairs():
    fixed = {"en": b"a cat", "de": "eine Kätze".encode(), "id": 7}
    assert list(_pairs([fixed, {"en": b"alone"}], "de", "en")) == [("eine Kätze", "a cat")]
    variable = {"language": [b"de", b"en", b"fr", b"fr"], "translation": [b"ja", b"yes", b"oui", b"si"]}
    for example in (variable, {"translations": variable, "talk_name": b"x"}):
        assert list(_pairs([example], "en", "fr")) == [("yes", "oui"), ("yes", "si")]
        assert list(_pairs([example], "en", "es")) == []


@pytest.mark.parametrize(
    ("configs", "languages", "expected"),
    [
        (["cs-en", "de-en"], ("en", "de"), "de-en"),
        (["en-fr", "fr-en"], ("fr", "en"), "fr-en"),
        (["pt_to_en", "he_to_pt"], ("pt", "he"), "he_to_pt"),
        (["neen", "sien"], ("en", "si"), "sien"),
        (["medical", "de-en-x"], ("de", "en"), None),
    ],
)
def test_a_configuration_is_found_by_its_languages(configs, languages, expected):
    assert _config_for(configs, *languages) == expected


def test_what_is_prepared_needs_no_look_at_tfds(tmp_path):
    for place in ("wmt16_translate/de-en/1.0.0", "ted_multi_translate/1.1.0"):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "dataset_info.json").touch()
    assert _with_config("wmt16_translate", "en", "de", tmp_path, True) == "wmt16_translate/de-en"
    assert _with_config("ted_multi_translate", "en", "de", tmp_path, False) == "ted_multi_translate"


def test_a_folder_without_the_set_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    with pytest.raises(RnnkitError, match="does not hold a prepared wmt16_translate/de-en"):
        load_translation("wmt16_translate/de-en")
    (tmp_path / "flores" / "neen" / "1.0.0").mkdir(parents=True)
    (tmp_path / "flores" / "neen" / "1.0.0" / "dataset_info.json").touch()
    with pytest.raises(RnnkitError, match="holds flores as neen; none of them is for en and de"):
        load_translation("flores")
    with pytest.raises(RnnkitError, match="does not hold a prepared opus"):
        load_translation("opus")


@pytest.mark.slow
def test_sets_and_languages_that_are_not_there(tmp_path, monkeypatch):
    monkeypatch.delenv("TFDS_DATA_DIR", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    pytest.importorskip("tensorflow_datasets", reason="tensorflow_datasets is not installed")
    with pytest.raises(RnnkitError, match="has no part for en and ja; it has: cs-en, de-en"):
        load_translation("wmt16_translate", "en", "ja")
    with pytest.raises(RnnkitError, match="TFDS has no set 'ted_multi_translat'. Did you mean 'ted_multi_translate'"):
        load_translation("ted_multi_translat")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory) -> str:
    """A TFDS folder with two tiny sets, one with each kind of features."""
    tfds = pytest.importorskip("tensorflow_datasets", reason="tensorflow_datasets is not installed")
    folder = str(tmp_path_factory.mktemp("tfds"))
    pairs = [(number, {"en": f"cat {number}", "de": f"Kätze {number}"}) for number in range(3)]
    tfds.dataset_builders.store_as_tfds_dataset(
        name="tiny_translate", version="1.0.0", config="de-en", data_dir=folder, disable_shuffling=True,
        features=tfds.features.Translation(languages=["en", "de"]),
        split_datasets={"train": pairs, "validation": pairs[:1]},
    )  # fmt: skip
    tfds.dataset_builders.store_as_tfds_dataset(
        name="tiny_multi", version="1.0.0", data_dir=folder, disable_shuffling=True,
        features=tfds.features.FeaturesDict(
            {"translations": tfds.features.TranslationVariableLanguages(), "talk": tfds.features.Text()}
        ),
        split_datasets={
            "train": [(0, {"translations": {"en": "yes", "fr": ["oui", "si"]}, "talk": "a"}),
                      (1, {"translations": {"fr": "non"}, "talk": "b"})],
            "test": [(0, {"translations": {"en": "no", "fr": "non"}, "talk": "c"})],
        },
    )  # fmt: skip
    return folder


@pytest.mark.slow
def test_a_set_with_fixed_languages(prepared):
    parts = load_translation("tiny_translate", "de", "en", prepared)
    assert parts == {
        "train": [("Kätze 0", "cat 0"), ("Kätze 1", "cat 1"), ("Kätze 2", "cat 2")],
        "validation": [("Kätze 0", "cat 0")],
    }
    with pytest.raises(RnnkitError, match="has no pairs of 'en' and 'es'. Its languages: de, en"):
        load_translation("tiny_translate/de-en", "en", "es", prepared)


@pytest.mark.slow
def test_a_set_whose_languages_vary(prepared):
    text = translation_data("tfds:tiny_multi", "en", "fr", prepared)
    assert text.name == "tiny_multi en-fr" and list(text) == [("yes", "oui"), ("yes", "si")]
    assert list(text.scored) == [("no", "non")] and text.validation is None
