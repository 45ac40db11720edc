"""AN4, spelled names and numbers read to a microphone: word error rates by CTC, greedy and with the words of training.

Of the 74 training speakers 7 are held out for validation: settings were chosen by their word error rate alone, with
--tune, which trains on 64 speakers, keeps 3 others apart and never opens a file of the test part. Without --tune the
test part, 130 recordings of 10 other speakers, is read once for each seed, at the end. Three searches: greedy, with the
words of training alone, and also with a language model of words, learnt from the training transcripts; alpha and beta
are those of the best validation error. Beside it: published figures on the same split.
Finished seeds are kept: run again to go on.

    python benchmarks/speech_an4.py --data FOLDER --tune      the folder with etc/ and feat/ or feat.tar.gz
    python benchmarks/speech_an4.py --data FOLDER
"""

import argparse
import json
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
from _record import record
from _speech import exported

import rnnkit
from rnnkit.metrics.transcripts import normalised, transcript_scores
from rnnkit.tasks.shared.recordings import Recordings

SETTINGS = {
    "cell": "gru",
    "units": 256,
    "layers": 3,
    "bidirectional": True,
    "convolutions": 2,
    "convolution": 5,
    "filters": 128,
    "stride": 3,
    "deltas": 2,
    "dropout": 0.5,
    "dropout_between": 0.5,
    "speed": 0.15,
    "time_masks": 3,
    "time_mask": 0.15,
    "frequency_masks": 2,
    "frequency_mask": 0.15,
    "learning_rate": 0.001,
    "batch_size": 16,
    "epochs": 75,
    "average": 0.998,
    "patience": 75,
}
SEEDS = (1, 2)
#: What each word adds to a score, and the weight of the language model; the best on validation are taken.
BETAS = (-2.0, -1.0, 0.0, 1.0, 2.0, 3.0)
ALPHAS = (0.3, 0.6, 1.0)
#: Of the language model.
LANGUAGE = {"unit": "word", "cell": "gru", "units": 96, "layers": 1, "dropout": 0.5, "epochs": 40, "patience": 40}
#: WER in percent of others on this split, and where they are reported.
PUBLISHED = {
    "5 x 800 GRU, CTC (deepspeech.pytorch, issue 193)": 10.5,
    "the same (issue 698)": 9.6,
    "6 x 750 RNN, CTC (deepspeech.torch, issue 56)": 3.5,
    "HMM (Kaldi's example, quoted there)": 5.95,
}
_HELD_OUT, _APART = 7, 3  # speakers


def opened(data: Path, folder: Path) -> Recordings:
    """The recordings of the corpus, unpacked where that is needed."""
    if not (data / "feat").is_dir():
        unpacked = folder / "an4"
        if not (unpacked / "etc").is_dir():
            with tarfile.open(data / "feat.tar.gz") as archive:
                archive.extractall(unpacked, filter="data")
            (unpacked / "etc").mkdir()
            for path in (data / "etc").glob("an4_t*"):
                (unpacked / "etc" / path.name).write_bytes(path.read_bytes())
        data = unpacked
    return rnnkit.SpeechRecognizer.open_source(data)


def divided(source: Recordings, tune: bool) -> Recordings:
    """The recordings with their parts: those of the held-out speakers are for validation."""
    train = source.part("train")
    speakers = sorted({row.group for row in train})
    chosen = np.random.default_rng(0).permutation(speakers).tolist()
    part = dict.fromkeys(chosen, "train") | dict.fromkeys(chosen[:_HELD_OUT], "validation")
    if tune:
        part |= dict.fromkeys(chosen[_HELD_OUT : _HELD_OUT + _APART], "test")
    rows = [row._replace(part=part[row.group]) for row in train]
    return source.with_rows(rows if tune else [*rows, *source.part("test")])


def with_words(task: Any, encoded: Any, hows: list[dict[str, Any]]) -> list[float]:
    """The word error rates of searches with the words of training, and these options."""
    outputs = task.outputs(encoded)
    found = []
    for how in hows:
        transcriber = task.transcriber({"lexicon": "words", **how})
        texts = [transcriber.answer(row).text for row in outputs]
        found.append(transcript_scores(texts, encoded.texts)["wer"])
    return found


def best(task: Any, validation: Any, test: Any, hows: list[dict[str, Any]]) -> dict[str, Any]:
    """The options with the least validation error, the first of these, and their errors."""
    by_how = with_words(task, validation, hows)
    place = int(np.argmin(by_how))
    kept = {name: value for name, value in hows[place].items() if name != "language_model"}
    found = {**kept, "validation_wer": by_how[place]}
    return found if test is None else {**found, "test_wer": with_words(task, test, [hows[place]])[0]}


def language_model(source: Recordings, to: Path, seed: int) -> Any:
    """A language model of the transcripts of the training part, as its exported file, which takes steps faster."""
    from rnnkit import lite

    if not (to / "metrics.json").is_file():
        texts = [normalised(row.target, "letters") for row in source.part("train")]
        rnnkit.LanguageModel(**LANGUAGE, seed=seed).fit(texts, to=to, resume=True)
    if not (to / "lite").is_dir():
        rnnkit.load(to).export(quantize="none")
    return lite.load(to / "lite")


def seed_result(source: Recordings, seed: int, folder: Path, changed: dict[str, Any], tune: bool) -> dict[str, Any]:
    """The figures of a training, read from its Run where it is finished."""
    name = "_".join(f"{name}-{value}" for name, value in changed.items())
    to = folder / f"{'tune' if tune else 'final'}_{seed}{'_' * bool(name)}{name}"
    if not (to / "metrics.json").is_file():
        rnnkit.SpeechRecognizer(**{**SETTINGS, **changed}, seed=seed).fit(source, to=to, resume=True)
    task = rnnkit.load(to)
    figures = json.loads((to / "metrics.json").read_text(encoding="utf-8"))
    kept = {name: figures[name] for name in ("best_epoch", "epochs", "seconds", "parameters")}
    validation = task.encode_rows(source.part("validation"))
    greedy = task.metrics(validation, task.outputs(validation))
    test = None if tune else task.encode_rows(source.part("test"))
    model = language_model(source, folder / f"language_{'tune' if tune else 'final'}_{seed}", seed)
    hows = [{"beta": beta} for beta in BETAS]
    fused = [{"language_model": model, "alpha": alpha, "beta": beta} for alpha in ALPHAS for beta in BETAS]
    found = {
        "validation": greedy,
        "with_words": best(task, validation, test, hows),
        "with_language_model": best(task, validation, test, fused),
        **kept,
    }
    return found if tune else {**found, "test": figures["test"], "exported": exported(task, test)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, type=Path, help="the folder with etc/ and feat/ or feat.tar.gz")
    parser.add_argument("--folder", default="speech_an4.seeds", type=Path, help="where finished seeds are kept")
    parser.add_argument("--tune", action="store_true", help="figures of validation alone; nothing is recorded")
    parser.add_argument("--seeds", default=",".join(map(str, SEEDS)), help="seeds, with commas between them")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="with --tune: another setting")
    arguments = parser.parse_args()
    if arguments.set and not arguments.tune:
        parser.error("--set is for --tune")
    changed = {name: json.loads(value) for name, _, value in (each.partition("=") for each in arguments.set)}
    arguments.folder.mkdir(parents=True, exist_ok=True)
    source = divided(opened(arguments.data, arguments.folder), arguments.tune)
    seeds = [int(seed) for seed in arguments.seeds.split(",")]
    found = {}
    for seed in seeds:
        found[str(seed)] = seed_result(source, seed, arguments.folder, changed, arguments.tune)
        print(seed, json.dumps(found[str(seed)]), flush=True)
    if arguments.tune:
        return
    means = {
        "greedy": float(np.mean([each["test"]["wer"] for each in found.values()])),
        **{
            search: float(np.mean([each[search]["test_wer"] for each in found.values()]))
            for search in ("with_words", "with_language_model")
        },
    }
    result = {
        "settings": SETTINGS,
        "recordings": {part: len(source.part(part)) for part in ("train", "validation", "test")},
        "seeds": found,
        "test_wer_means": {name: round(mean, 2) for name, mean in means.items()},
        "published_wer": PUBLISHED,
    }
    print(result["test_wer_means"])
    print(record("speech_an4", result, seed=seeds, packages=("jiwer",)))


if __name__ == "__main__":
    main()
