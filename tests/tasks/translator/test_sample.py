import hashlib
import io
import json
import subprocess
import zipfile

import pytest

from rnnkit.errors import RnnkitError
from rnnkit.tasks.translator import sample as parallel_sample
from rnnkit.tasks.translator.sample import load_emoji_pairs, load_emoji_parts, translation_data

TONES = ["light", "medium-light", "medium", "medium-dark", "dark"]
ENGLISH = {
    "1": ":dog_face:",
    "2": ":Côte_d’Ivoire:",
    "3": ":kiss:",
    **{f"wave {tone}": f":waving_hand_{tone}_skin_tone:" for tone in TONES},
    "wave": ":waving_hand:",
}


@pytest.fixture
def wheel(tmp_path, monkeypatch):
    """A small wheel of the same make, the cache in a temporary folder, and pip replaced by a copy."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        known = {sign: {"en": name, "status": 2} for sign, name in ENGLISH.items()}
        known |= {"1b": {"en": ":dog_face:", "status": 4}, "3b": {"en": ":kiss:", "status": 2}}
        file.writestr("emoji/unicode_codes/emoji.json", json.dumps(known))
        for language in parallel_sample.LANGUAGES[1:]:
            names = {sign: f":{language}_{sign},x:" for sign in known if (language, sign) != ("fr", "2")}
            file.writestr(f"emoji/unicode_codes/emoji_{language}.json", json.dumps(names))
        file.writestr("emoji/__init__.py", "raise RuntimeError('code of the package is never run')")
    monkeypatch.setenv("RNNKIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(parallel_sample, "_NAMES", len(ENGLISH))
    monkeypatch.setattr(parallel_sample, "_SHA256", hashlib.sha256(content.getvalue()).hexdigest())
    calls = []

    def pip(command, cwd, **options):
        calls.append(command)
        (cwd / "emoji-2.16.0-py3-none-any.whl").write_bytes(content.getvalue())
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(subprocess, "run", pip)
    return calls


def quiet(line: str) -> None:
    pass


def test_names_become_words_and_each_english_name_stands_once(wheel):
    pairs = load_emoji_pairs(say=quiet)
    assert pairs[:2] == [("dog face", "de 1, x"), ("Côte d’Ivoire", "de 2, x")]
    assert len(pairs) == len(ENGLISH)
    assert "--only-binary" in wheel[0]


def test_it_is_fetched_once_for_all_languages(wheel):
    load_emoji_pairs(say=quiet)
    assert load_emoji_pairs("fr", "es", pytest.fail)[1] == ("fr 3, x", "es 3, x")  # the second has no French name
    assert len(wheel) == 1


def test_names_that_differ_in_the_tone_of_skin_are_in_one_part_in_every_language(wheel):
    for languages in (("en", "de"), ("es", "fr")):
        parts = load_emoji_parts(*languages, quiet)
        assert sum(len(pairs) for pairs in parts.values()) == len(load_emoji_pairs(*languages, quiet))
    assert {parallel_sample._part(name.strip(":").replace("_", " ")) for name in ENGLISH.values() if "wav" in name} == {
        parallel_sample._part("waving hand")
    }
    names = [parallel_sample._part(f"name {number}") for number in range(1000)]
    assert 750 < names.count("train") < 850 and 70 < names.count("test") < 130


@pytest.mark.parametrize(
    ("languages", "message"),
    [
        (("en", "xx"), "has no 'xx'; it has: en, ar"),
        (("en", "en"), "are both 'en'"),
        (("english", "de"), "has no 'english'"),
    ],
)
def test_other_languages_are_refused(wheel, languages, message):
    with pytest.raises(RnnkitError, match=message):
        load_emoji_pairs(*languages)
    assert not wheel


def test_a_damaged_cache_says_what_to_delete(wheel, tmp_path):
    load_emoji_pairs(say=quiet)
    (tmp_path / "cache" / "emoji_names.csv").write_text("en,de\na,b\n")
    with pytest.raises(RnnkitError, match="has 1 rows; expected 9. Delete it"):
        load_emoji_pairs()


def test_auto_says_loudly_that_it_takes_the_sample(wheel, tmp_path, monkeypatch):
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path / "nowhere"))
    said = []
    text = translation_data("auto", say=said.append)
    assert text.name == "emoji names en-de (offline sample)" and text.languages == ("en", "de")
    assert list(text.parts) == ["train", "validation", "test"]
    assert said[0].startswith("NOT USING tfds: There is no folder") and "Going on with sample." in said[0]
    assert translation_data("sample", "de", say=quiet).languages == ("de", "en")
    assert translation_data("sample", target="fr", say=quiet).languages == ("en", "fr")


def test_files_of_ones_own(tmp_path):
    for language in ("en", "de", "fr"):
        (tmp_path / f"{language}.train.txt").write_text(f"{language}\n")
    assert list(translation_data(str(tmp_path))) == [("en", "de")]
    assert list(translation_data(str(tmp_path), "fr", "en")) == [("fr", "en")]
    (tmp_path / "mine.csv").write_text("source,target\na,b\n")
    assert list(translation_data(str(tmp_path / "mine.csv"))) == [("a", "b")]
    with pytest.raises(RnnkitError, match="--data is 'atuo'.*Did you mean 'auto'"):
        translation_data("atuo")


@pytest.mark.data
def test_the_real_names(monkeypatch, tmp_path):
    monkeypatch.setenv("RNNKIT_CACHE", str(tmp_path))
    try:
        parts = load_emoji_parts("en", "de", quiet)
    except RnnkitError as error:
        pytest.skip(f"the package cannot be fetched: {error}")
    assert {part: len(pairs) for part, pairs in parts.items()} == {"train": 3197, "validation": 335, "test": 431}
    assert ("blowfish", "kugelfisch") in [pair for pairs in parts.values() for pair in pairs]
