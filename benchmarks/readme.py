"""Write the figures of README.md, docs/results.md and other pages from the recorded results; none is typed by hand.

python benchmarks/readme.py            write
python benchmarks/readme.py --check    exit 1 if a page is out of date
"""

import json
import math
import re
import statistics
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
#: The pages that hold marked blocks.
PAGES = [
    ROOT / "README.md",
    *(
        ROOT / "docs" / f"{name}.md"
        for name in "results captioning scale sequences shapes sounds speech try tuning".split()
    ),
]


def result(name: str) -> Any:
    """The recorded result of `benchmarks/NAME.py`."""
    return json.loads((ROOT / "benchmarks" / "results" / f"{name}.json").read_text(encoding="utf-8"))["result"]


def metrics(name: str) -> Any:
    """The `metrics.json` of a shipped Run."""
    return json.loads((ROOT / "saved_models" / name / "metrics.json").read_text(encoding="utf-8"))


def tasks() -> str:
    """The README's table of tasks, with one test figure each."""
    imdb, ner, translation = (metrics(name)["test"] for name in ("imdb_sentiment", "conll_ner", "translation_en_de"))
    text, tunes, scenes = (metrics(name)["test"] for name in ("char_text", "char_music", "image_captioning"))
    trees = result("sentiment_trees")["chosen"]["test_mean"]
    sets = result("multilabel_messages")["test_mean"]
    gestures = result("gestures_natops")["test_mean"]
    digits = result("speech_fsdd")["mean_accuracy"]["official"]
    hourly = result("forecast_m4_hourly")["seeds"].values()
    smape = sum(each["smape"] for each in hourly) / len(hourly)
    spoken = result("speech_fsdd_strings")["mean_wer"]["known speakers"]
    rows = [
        ("classify texts", "train text_classifier", f"{imdb['accuracy']:.1%} accuracy, IMDB", "text_classification"),
        (
            "several labels a text",
            "train multilabel_classifier",
            f"F1 {sets['micro_f1']:.3f}, made-up messages",
            "text_classification",
        ),
        ("label sequences of numbers", "train sequence_classifier", f"{gestures:.1%} accuracy, NATOPS", "sequences"),
        ("forecast time series", "train forecaster", f"sMAPE {smape:.2f}, M4 Hourly", "forecasting"),
        ("hear key words and sounds", "train sound_classifier", f"{digits:.1%} accuracy, spoken digits", "sounds"),
        ("write down speech", "train speech_recognizer", f"{spoken:.1f}% word errors, strings of digits", "speech"),
        ("find names", "train token_tagger", f"F1 {ner['f1']:.3f}, CoNLL-2003", "named_entities"),
        ("translate", "train translator", f"BLEU {translation['bleu']:.1f}, Multi30k en-de", "translation"),
        ("describe pictures", "train image_captioner", f"BLEU-4 {scenes['bleu4']:.3f}, Flickr8k", "captioning"),
        ("write text", "train language_model", f"{text['bits_per_character']:.2f} bits a character", "generation"),
        ("write tunes", "train music_model", f"{tunes['bits_per_character']:.2f} bits a character", "generation"),
        ("label parse trees", "train tree_classifier", f"{trees['root_accuracy']:.1%} of SST-5 roots", "results"),
    ]
    lines = ["| task | command | test figure | page |", "|---|---|---|---|"]
    lines += [
        f"| {task} | `rnnkit {command}` | {score} | [{page}](docs/{page}.md) |" for task, command, score, page in rows
    ]
    return "\n".join(lines)


def run() -> str:
    """The shipped Run in a sentence."""
    figures = metrics("imdb_sentiment")
    lite = figures["test_tflite"]
    return (
        f"The shipped Run, trained by `pipelines/imdb_sentiment.py` with its default settings: "
        f"**{figures['test']['accuracy']:.1%} test accuracy** ({figures['test']['rows']:,} reviews; "
        f"macro F1 {figures['test']['macro_f1']:.3f}), {figures['parameters']:,} parameters, trained in "
        f"{figures['training_seconds'] / 60:.1f} minutes on two cores; {figures['data']['padding_waste']:.1%} of the "
        f"steps were padding. Its TFLite file has {lite['bytes'] / 1e6:.2f} MB and {lite['accuracy']:.1%} accuracy on "
        f"the same reviews ([metrics.json](saved_models/imdb_sentiment/metrics.json))."
    )


def ner() -> str:
    """The shipped tagger in a sentence and a table."""
    figures = metrics("conll_ner")
    test, lite, source = figures["test"], figures["test_tflite"], "saved_models/conll_ner/metrics.json"
    lines = ["| type | entities | F1 | precision | recall |", "|---|---|---|---|---|"]
    for name, row in test["types"].items():
        scores = " | ".join(f"{row[key]:.3f}" for key in ("f1", "precision", "recall"))
        lines.append(f"| {name} | {row['entities']:,} | {scores} |")
    return (
        f"The shipped Run, trained by `pipelines/conll_ner.py` with its default settings and no word vectors from "
        f"elsewhere: **F1 {test['f1']:.3f} on the {test['rows']:,} test sentences of CoNLL-2003** (precision "
        f"{test['precision']:.3f}, recall {test['recall']:.3f}), {figures['parameters']:,} parameters, trained in "
        f"{figures['training_seconds'] / 60:.0f} minutes on two cores. Its TFLite file has "
        f"{lite['bytes'] / 1e6:.2f} MB and F1 {lite['f1']:.3f} ([metrics.json]({source})).\n\n" + "\n".join(lines)
    )


def translation() -> str:
    """The shipped translator, the other pair, and decoding."""
    figures = metrics("translation_en_de")
    pairs, decoded = result("translation_pairs"), result("translator_tflite")
    lines = [
        "| Multi30k, 1,000 test sentences | BLEU | chrF | TFLite BLEU | minutes of training |",
        "|---|---|---|---|---|",
    ]
    for pair, row in pairs.items():
        lines.append(
            f"| {pair} | {row['test']['bleu']:.1f} | {row['test']['chrf']:.1f} | {row['test_tflite']['bleu']:.1f} "
            f"| {row['training_seconds'] / 60:.0f} |"
        )
    source, same = "saved_models/translation_en_de/metrics.json", decoded["none, beam 5"]["same_as_keras"]
    return (
        f"The shipped Run, English to German, trained by `pipelines/translation.py` on Multi30k with its default "
        f"settings on two cores: **BLEU {figures['test']['bleu']:.1f}** (sacrebleu, `"
        f"{figures['test']['bleu_signature']}`), {figures['parameters']:,} parameters, a TFLite file of "
        f"{figures['test_tflite']['bytes'] / 1e6:.1f} MB ([metrics.json]({source})). Keras translates the test part in "
        f"{decoded['keras, beam 5']['seconds']:.0f} seconds with a beam of 5, greedily in "
        f"{decoded['keras, greedy']['seconds']:.0f}; the float32 file gives the same beam answer for {same:.1%} of the "
        f"sentences (`benchmarks/translator_tflite.py`). The same settings with French, "
        f"`benchmarks/translation_pairs.py`:\n\n" + "\n".join(lines)
    )


def digits() -> str:
    """Single digits of known and of unheard speakers."""
    measured = result("speech_fsdd")
    trainings = measured["trainings"]
    kinds = {
        "the official split: the same six speakers": "official",
        "each speaker held out": "the same without voices",
        "each speaker held out, synthesised voices in training": "speaker held out",
    }
    lines = ["| 3,000 digits of six speakers | accuracy | lowest | highest |", "|---|---|---|---|"]
    for said, kind in kinds.items():
        found = [row["test"] for name, row in trainings.items() if name.startswith(kind)]
        mean = measured["mean_accuracy"][kind]
        lines.append(f"| {said} | {mean:.1%} | {min(found):.1%} | {max(found):.1%} |")
    return "`benchmarks/speech_fsdd.py`, the Free Spoken Digit Dataset:\n\n" + "\n".join(lines)


def speech() -> str:
    """Strings of digits of known and of unheard speakers, by Keras and by the phone's files."""
    measured = result("speech_fsdd_strings")
    lines = [
        "| strings of 3 to 8 digits, by CTC | word error rate | lowest | highest | TFLite | share of real time |",
        "|---|---|---|---|---|---|",
    ]
    for said, kind in (("the same six speakers", "known speakers"), ("each speaker held out", "unknown speakers")):
        found = [row for name, row in measured["trainings"].items() if name.startswith("known") == (kind[0] == "k")]
        errors = [row["test"]["wer"] for row in found]
        files = [row["files"]["none"] for row in found]
        phone = sum(each["wer"] for each in files) / len(files)
        share = max(each["share_of_real_time"] for each in files)
        mean = measured["mean_wer"][kind]
        ends = f"{min(errors):.1f} % | {max(errors):.1f} %"
        lines.append(f"| {said} | {mean:.1f} % | {ends} | {phone:.1f} % | {share:.3f} |")
    return (
        "`benchmarks/speech_fsdd_strings.py`, the Free Spoken Digit Dataset; the files in float32, on one thread:\n\n"
        + "\n".join(lines)
    )


def spoken() -> str:
    """The shipped Run of spoken digits."""
    measured = metrics("speech_digits")
    lite = measured["test_tflite"]
    return (
        f"The shipped Run `speech_digits` writes down strings of English digits, also as they are spoken: "
        f"**{measured['test']['wer']:.1f} % word errors** in {measured['test']['rows']} strings of the six people it "
        f"learnt from, {measured['parameters']:,} parameters; its TFLite files, for whole recordings and for streams, "
        f"have {lite['bytes'] / 1e6:.2f} MB together and {lite['wer']:.1f} % "
        "([metrics.json](saved_models/speech_digits/metrics.json))."
    )


def spelled() -> str:
    """Speech of unheard speakers, by three searches."""
    measured = result("speech_an4")
    mean, others, seeds = measured["test_wer_means"], measured["published_wer"], list(measured["seeds"].values())
    rnn, hmm = ([error for name, error in others.items() if part in name] for part in ("RNN", "HMM"))
    gru = [error for name, error in others.items() if "GRU" in name or "same" in name]
    files = [each["exported"]["none"] for each in seeds]
    phone = sum(each["wer"] for each in files) / len(files)
    share = max(each["share_of_real_time"] for each in files)
    minutes = sum(each["seconds"] for each in seeds) / len(seeds) / 60
    lines = [
        "| search | word error rate | published |",
        "|---|---|---|",
        f"| greedy | {mean['greedy']:.1f} % | {min(gru):g} to {max(gru):g} % (5 layers of 800 GRU units) |",
        f"| the 99 words of training (`--lexicon words`) | {mean['with_words']:.1f} % | {hmm[0]:g} % (HMM), "
        f"{rnn[0]:g} % (6 layers of 750 units) |",
        f"| with a language model of words, too | {mean['with_language_model']:.1f} % | |",
    ]
    return (
        f"`benchmarks/speech_an4.py`, AN4: names and numbers, spelled to a microphone, "
        f"{measured['recordings']['test']} recordings of ten unheard speakers; {seeds[0]['parameters']:,} parameters, "
        f"trained in {minutes:.0f} minutes on two cores, "
        f"{'one seed' if len(seeds) == 1 else f'the mean of {len(seeds)} seeds'}:\n\n"
        + "\n".join(lines)
        + f"\n\nGreedily the TFLite file makes {phone:.1f} % word errors, in {share:.3f} of real time on one thread."
    )


def text() -> str:
    """Cells on Shakespeare."""
    lines = [
        "| `--cell` | nats a character | with dynamic evaluation | parameters | minutes of training |",
        "|---|---|---|---|---|",
    ]
    for cell, row in sorted(result("char_text_cells").items(), key=lambda each: each[1]["test"]["nats_per_character"]):
        lines.append(
            f"| {cell} | {row['test']['nats_per_character']:.3f} | {row['dynamic_evaluation']['test']:.3f} "
            f"| {row['parameters']:,} | {row['training_seconds'] / 60:.0f} |"
        )
    figures = metrics("char_text")
    size, lite = figures["test_tflite"]["bytes"] / 1e6, figures["test_tflite"]["nats_per_character"]
    return (
        f"The shipped Run `char_text` is an LSTM trained by `pipelines/char_text.py` with its default settings; its "
        f"TFLite file has {size:.1f} MB and {lite:.3f} nats a character "
        "([metrics.json](saved_models/char_text/metrics.json)). `benchmarks/char_text_cells.py`, tiny_shakespeare, its "
        "last 10 % held out, read once with the states carried all through it; two cores:\n\n" + "\n".join(lines)
    )


def music() -> str:
    """Tunes compared with compressors, and the quality of written tunes."""
    row = result("char_music")
    packed, tunes = row["compressors"], row["tunes"]
    lines = ["| bits a character | |", "|---|---|"]
    lines.append(f"| `MusicModel`, learning on as the compressors do | {row['dynamic_bits_per_character']:.3f} |")
    lines.append(f"| `MusicModel` | {row['bits_per_character']:.3f} |")
    lines.append(f"| PPMd, order {packed['ppmd_order']} | {packed['ppmd']:.3f} |")
    lines.append(f"| xz -9e | {packed['xz_9e']:.3f} |")
    written = ["", "| 200 tunes written at temperature | music21 reads them | every bar is full | longest copy |"]
    written.append("|---|---|---|---|")
    for name, scores in row.items():
        if name.startswith("written at "):
            written.append(
                f"| {name.removeprefix('written at ')} | {scores['parse']:.1%} | {scores['bars_full']:.1%} "
                f"| {scores['copied_max']} characters |"
            )
    figures = metrics("char_music")
    size, lite = figures["test_tflite"]["bytes"] / 1e6, figures["test_tflite"]["bits_per_character"]
    real = next(scores["held_out"] for name, scores in row.items() if name.startswith("written at "))
    written.append(f"| real ones, held out | {real['parse']:.1%} | {real['bars_full']:.1%} | {real['copied_max']} |")
    return (
        f"The shipped Run `char_music` has learnt {figures['data']['train']:,} tunes of music21's collections, those "
        "in other keys counted, by `pipelines/char_music.py` with its default settings; its TFLite file has "
        f"{size:.1f} MB and {lite:.3f} bits a character of tunes held out "
        "([metrics.json](saved_models/char_music/metrics.json)). "
        f"`benchmarks/char_music.py`, the Nottingham collection in plain ABC, {tunes['test']} tunes held out; the "
        f"compressors had read the {tunes['train'] + tunes['validation']} others before:\n\n"
        + "\n".join([*lines, *written])
    )


def captions() -> str:
    """Ways to caption, side by side."""
    lines = [
        "| | BLEU-4 | BLEU-1 | CIDEr-D | word for word | TFLite BLEU-4 | parameters | minutes of training |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for way, row in sorted(result("captioning").items(), key=lambda each: each[0] == "scenes"):
        test = row["test"]
        name = "drawn scenes, new combinations" if way == "scenes" else f"Flickr8k, {way.replace('_', ', ')}"
        lines.append(
            f"| {name} | {test['bleu4']:.3f} | {test['bleu1']:.3f} | {test['cider']:.3f} | {test['exact']:.1%} "
            f"| {row['test_tflite']['bleu4']:.3f} | {row['parameters']:,} | {row['training_seconds'] / 60:.0f} |"
        )
    return (
        "`benchmarks/captioning.py`, the pipeline's default settings except the cell and `--inject`, beam of 5, on "
        "two cores; encoding the pictures once is not counted, and the shipped Run is the LSTM with attention:\n\n"
        + "\n".join(lines)
    )


def moving() -> str:
    """The accuracy that temporal order adds on films."""
    measured = result("moving_shapes")
    settings = measured["settings"]
    lines = ["| network over the frames | test accuracy, median of 3 seeds |", "|---|---|"]
    for name, row in measured.items():
        if name != "settings":
            lines.append(f"| {name} | {row['median_test_accuracy']:.3f} |")
    return (
        f"`benchmarks/moving_shapes.py`, {settings['clips']:,} clips of {settings['frames']} frames, eight motions "
        f"(chance {settings['chance']:.3f}); the mean and the middle frame see the same pictures, and no order:\n\n"
        + "\n".join(lines)
    )


def finetune() -> str:
    """The small CSV benchmark as a table."""
    measured = result("finetune_small_csv")
    lines = ["| seed | trained on 500 rows alone | fine-tuned on them | points gained |", "|---|---|---|---|"]
    for row in measured["runs"]:
        gain = 100 * (row["fine_tuned"] - row["from_scratch"])
        lines.append(f"| {row['seed']} | {row['from_scratch']:.3f} | {row['fine_tuned']:.3f} | {gain:.1f} |")
    source = "`benchmarks/finetune_small_csv.py`, accuracy on the other rows of the offline sample:"
    return source + "\n\n" + "\n".join(lines)


def cells() -> str:
    """Every cell in the sentiment pipeline."""
    lines = [
        "| `--cell` | test accuracy | TFLite accuracy | TFLite MB | parameters | passes |",
        "|---|---|---|---|---|---|",
    ]
    for cell, row in sorted(result("sentiment_cells").items(), key=lambda item: -item[1]["test_accuracy"]):
        lines.append(
            f"| {cell} | {row['test_accuracy']:.3f} | {row['tflite_test_accuracy']:.3f} "
            f"| {row['tflite_bytes'] / 1e6:.2f} | {row['parameters']:,} | {row['epochs']} |"
        )
    return "`benchmarks/sentiment_cells.py`:\n\n" + "\n".join(lines)


def memory() -> str:
    """The adding problem: who remembers over 400 steps."""
    seeds: dict[str, list[dict[str, Any]]] = {}
    for name, figures in result("long_memory").items():
        task, cell, _ = name.split()
        if task == "adding":
            seeds.setdefault(cell, []).append(figures)
    lines = ["| cell | mean squared error, each seed | training steps | parameters |", "|---|---|---|---|"]
    for cell, runs in sorted(seeds.items(), key=lambda item: max(run["score"] for run in item[1])):
        scores = ", ".join(f"{run['score']:.4f}" for run in runs)
        steps = ", ".join(f"{run['steps']:,}" for run in runs)
        lines.append(f"| {cell} | {scores} | {steps} | {runs[0]['parameters']:,} |")
    return (
        "`benchmarks/long_memory.py`, the adding problem: two of 400 numbers are marked, the answer is their sum. A "
        "network without memory gets 0.167; training stops near 0.005 (lru and ind_rnn have "
        "a dense layer before them):\n\n" + "\n".join(lines)
    )


def trees() -> str:
    """The Stanford Sentiment Treebank beside what its papers report."""
    measured = result("sentiment_trees")
    lines = ["| root of the test trees | five classes | positive or negative |", "|---|---|---|"]
    ours = measured["chosen"]["test_mean"]
    rows = {f"rnnkit, N-ary, mean of {len(measured['chosen']['seeds'])} seeds": ours, **measured["published"]}
    for name, row in rows.items():
        lines.append(f"| {name} | {row['root_accuracy']:.3f} | {row['root_binary_accuracy']:.3f} |")
    return (
        "`benchmarks/sentiment_trees.py`, Stanford Sentiment Treebank, no pretrained vectors unless the name says "
        "so; the other rows are as their papers give them:\n\n" + "\n".join(lines)
    )


def latency() -> str:
    """Layers over 100 steps, two real ones, and growing lengths: size and time of each form."""
    found = result("tflite_latency")
    lines = [
        "`benchmarks/tflite_latency.py`, one thread, time as a share of that of ONNX Runtime's int8 layer in the same "
        "run; 100 steps of 64 features, 128 units:",
        "",
        "| form | LSTM, kB | all outputs | last output | GRU, kB | all outputs | last output |",
        "|---|---|---|---|---|---|---|",
    ]
    lstm, gru = found["outputs"]["lstm"], found["outputs"]["gru"]
    for name in lstm["sequence"]:
        cells = []
        for outputs in (lstm, gru):
            rows = [outputs["sequence"].get(name), outputs["last"].get(name)]
            cells += (
                ["", "", ""] if None in rows else [f"{rows[0]['bytes'] / 1e3:.0f}", *(_of_onnx(row) for row in rows)]
            )
        lines.append(f"| {name} | {' | '.join(cells)} |")
    lines += [
        "",
        "Layers of both directions, at a real length (ONNX Runtime has no int8 GRU: its file is float32):",
        "",
        "| layer | form | kB | ms | of ONNX Runtime |",
        "|---|---|---|---|---|",
    ]
    for task, row in found["real"].items():
        layer = row["layer"]
        named = f"{task}: {layer['cell'].upper()} of {layer['units']}, {layer['steps']} steps"
        for name, form in row["forms"].items():
            lines.append(
                f"| {named} | {name} | {form['bytes'] / 1e3:.0f} | {form['milliseconds']:.2f} | {_of_onnx(form)} |"
            )
    lengths = found["lengths"]
    lines += ["", f"| milliseconds for | {' | '.join(lengths)} steps | growth |", "|---" * (len(lengths) + 2) + "|"]
    for name in next(iter(lengths.values())):
        spent = [row[name]["milliseconds"] for row in lengths.values()]
        lines.append(f"| {name} | {' | '.join(f'{value:.2f}' for value in spent)} | {spent[-1] / spent[0]:.0f} times |")
    return "\n".join(lines)


def _of_onnx(row: dict[str, Any]) -> str:
    return f"{row['of_onnx']:.2f}" if "of_onnx" in row else "-"


def pretrained() -> str:
    """Pretraining on plain text, each run with its settings, since some differ in more than the first weights."""
    sentiment, tagger = result("pretrained_sentiment"), result("pretrained_tagger")
    lines = [
        "| IMDB sentiment | words | dropout (words, embedding) | adversarial "
        "| averaged | validation share | epochs | test accuracy |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, row in sentiment.items():
        if name == "language_model":
            continue
        how = row["settings"]
        first = "random initialisation" if "at random" in name else "pretrained"
        lines.append(
            f"| {first} | {how['vocabulary_size']:,} | {how['word_dropout']}, {how['embedding_dropout']} "
            f"| {how.get('adversarial', 'no')} | {how.get('average', 'no')} "
            f"| {how.get('validation_share', 'default')} | {how['epochs']} | {row['test']:.3f} |"
        )
    lines += ["", "| CoNLL-2003 entities, all else equal | test F1 |", "|---|---|"]
    for name, first in {"begun at random": "random initialisation", "begun with it": "pretrained"}.items():
        lines.append(f"| {first} | {tagger[f'{name}, seed 1']['test']['f1']:.3f} |")
    made = [
        f"{model['settings']['cell']}, {model['settings']['units']} units, perplexity {model['perplexity']:.0f}, "
        f"{model['seconds'] / 60:.0f} minutes"
        for model in (sentiment["language_model"], tagger["language_model"])
    ]
    return (
        "`benchmarks/pretrained_sentiment.py` and `benchmarks/pretrained_tagger.py`, one seed each. The language "
        f"models read 75,000 film reviews without labels (sentiment: {made[0]}; tagger: {made[1]}). **The tagger's "
        "rows differ in the initial weights alone. The sentiment rows do not**: every pretrained run there has other "
        "settings besides, as the columns say, so the gap to random initialisation is not that of pretraining by "
        "itself:\n\n" + "\n".join(lines)
    )


def browser() -> str:
    """What a browser needs for an answer, on the page of `rnnkit try`."""
    found = result("browser_times")
    (runtime, small), (page, packed) = (
        [found["download"][part][name] for name in ("bytes", "gzip_bytes")]
        for part in ("litert_compat", "page_without_scores")
    )
    lines = [
        f"A browser downloads {runtime / 1e6:.1f} MB of runtime once ({small / 1e6:.1f} MB where a host compresses), "
        f"{page / 1e3:.0f} kB of page ({packed / 1e3:.0f} kB), and the model. Medians in Chromium, one thread, on the "
        "machine of [browser_times.json](../benchmarks/results/browser_times.json); before the first answer the "
        "cache is empty, and runtime and model are compiled:",
        "",
        "| Run | model | first answer | each further one |",
        "|---|---|---|---|",
    ]
    for name, run in found["runs"].items():
        times = run["compat"]
        each = f"{times['answer_ms']:.3g} ms" if "answer_ms" in times else f"{times['step_ms']:.3g} ms a character"
        size = f"{run['model_bytes'] / 1e6:.2f} MB"
        lines.append(f"| `{name}` | {size} | {times['first_answer_ms'] / 1000:.1f} s | {each} |")
    return "\n".join(lines)


def gaps() -> str:
    """Cells with the gaps between steps in each of three ways, means of the seeds."""
    found = result("irregular_gaps")
    lines = ["| cell | the gaps are | pitch | pitch, steps three times as often | level |", "|---|---|---|---|---|"]
    said = {"none": "not given", "feature": "a feature", "time": "a feature, and a time"}
    for cell, ways in found["pitch"].items():
        for way, figures in ways.items():
            means = [
                sum(each) / len(each)
                for each in (figures["accuracy"], figures["denser"], found["level"][cell][way]["accuracy"])
            ]
            lines.append(f"| `{cell}` | {said[way]} | {' | '.join(f'{mean:.1%}' for mean in means)} |")
    return "\n".join(lines)


def scaling_measured() -> str:
    """What was measured on one and two workers, and how far the simulation is right."""
    found = result("scaling")
    measured, assumed = found["measured"], found["assumed"]
    core = measured["machines"][f"{assumed['units']} units, {assumed['words']} words"]
    sent, rows = measured["exchange"], assumed["rows_a_machine"]
    width = -(-measured["mean_length"] // 8) * 8
    step = core["fixed"] + width * (core["per_width"] + rows * core["per_word"])
    reading = assumed["rows"] / measured["encoded_rows_a_second"] / 3600
    sort = measured["sorted_seconds"] * assumed["rows"] * math.log2(assumed["rows"])
    memory = measured["sorted_bytes_a_row"] * assumed["rows"] / 1e9
    _, tokens, distinct = measured["distinct"][0]
    table = {
        f"a step of {rows} reviews, gradient and update": f"{1000 * step:.0f} ms",
        "making batches": f"{1 / core['per_row']:,.0f} rows a second",
        "dense gradient": f"{core['dense_bytes'] / 1e6:.1f} MB a step, {1e9 * sent['per_dense']:.1f} ms a MB",
        f"gradient of word vectors, {rows} reviews": f"{rows * width * ROW_BYTES / 1e6:.1f} MB a step, "
        f"{1e9 * sent['per_sparse']:.1f} ms a MB; {distinct / tokens:.0%} of it if each word travelled once",
        "an exchange beside its bytes, N workers (measured: 2 and 4)": f"{1000 * sent['fixed']:.1f} ms, and "
        f"7 (N - 1) messages of {1000 * sent['latency']:.2f} ms",
        "reading and encoding a file, before the first epoch": f"{measured['encoded_rows_a_second']:,.0f} rows a "
        f"second: {reading:.0f} hours for all rows",
        "putting an epoch into its order": f"{sort / 60:.0f} minutes and {memory:.0f} GB of memory for all rows",
    }
    lines = [
        f"Measured by `benchmarks/scaling.py`: a GRU of {assumed['units']} units, {assumed['words']:,} words, reviews "
        f"of {measured['mean_length']:.0f} words on average, workers of one core each over the loopback interface. "
        "The times are medians of processor time, since other programs ran on the machine:",
        "",
        "| what | measured |",
        "|---|---|",
        *(f"| {what} | {value} |" for what, value in table.items()),
        "",
        "The simulation beside whole epochs of two workers, which its figures were not fitted to, in seconds of "
        "processor time:",
        "",
        "| setting | predicted | measured | ratio |",
        "|---|---|---|---|",
    ]
    two = [check for check in found["checks"] if check["workers"] == 2]
    for check in two:
        said, took = (sum(check[name].values()) for name in ("predicted", "processor"))
        lines.append(f"| {check['setting']} | {said:.2f} | {took:.2f} | {check['ratio_epoch']:.2f} |")
    clocks = sorted(check["clock_two_to_one"] for check in two)
    small = sent["fastest"][0]
    return "\n".join(lines) + (
        "\n\nOn the clock, two workers compared with one took "
        f"{clocks[0]:.2f} to {clocks[-1]:.2f} times what the simulation says (median {statistics.median(clocks):.2f}): "
        f"the other programs make that much uncertain. The fastest of {sent['repeats']} small exchanges took "
        f"{1000 * small['clock']:.1f} ms on the clock and {1000 * small['processor']:.1f} ms of the processor, so "
        f"messages cost up to {small['clock'] / small['processor']:.1f} times what is counted here."
    )


def scaling_hours() -> str:
    """Hours of an epoch over a billion rows."""
    found = result("scaling")
    assumed = found["assumed"]
    shown = [way for way in found["ways"] if way["texts"] == "reviews" and way["gigabits"] == 10]
    heads = [f"{_machine(way['speed'])}, hours | efficiency | of it validation" for way in shown]
    lines = [
        f"Hours of an epoch over {assumed['rows']:,} reviews, and {assumed['validated']:.0%} as many validated; "
        f"{assumed['rows_a_machine']} rows of a batch for each machine, 10 Gbit/s, and {1e6 * assumed['latency']:.0f} "
        "µs more for each message than over the loopback interface:",
        "",
        f"| machines | {' | '.join(heads)} |",
        "|---" * (1 + 3 * len(shown)) + "|",
    ]
    for count in shown[0]["hours"]:
        cells = []
        for way in shown:
            spent = way["hours"][count]
            share = way["hours"]["1"]["epoch"] / spent["epoch"] / int(count)
            cells.append(f"{_hours(spent)} | {share:.0%} | {spent['validation']:.3g}")
        lines.append(f"| {count} | {' | '.join(cells)} |")
    lines += [
        "",
        "Where it stops: the machines whose doubling makes an epoch less than 1.3 times as fast, and what takes most "
        "of the time then, beside computing:",
        "",
        "| texts | machine | network | machines | hours there | what takes most |",
        "|---|---|---|---|---|---|",
    ]
    for way in found["ways"]:
        at = str(way["stops_at"] or max(map(int, way["hours"])))
        cells = [way["texts"], _machine(way["speed"]), f"{way['gigabits']} Gbit/s", way["stops_at"] or f"> {at}"]
        cells += [_hours(way["hours"][at]), way["limited_by"]]
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines)


def scaling_changes() -> str:
    """What changes would do."""
    found = result("scaling")
    few, most = "16", max(found["ways"][0]["hours"], key=int)
    speeds = list(found["changes"][0]["machines"])
    heads = [
        f"{_machine(speed)}: {few} machines | {most} machines | stops at | what takes most then" for speed in speeds
    ]
    lines = [
        "What changes would do, in hours; reviews, 10 Gbit/s:",
        "",
        f"| change | {' | '.join(heads)} |",
        "|---" * (1 + 4 * len(speeds)) + "|",
    ]
    for row in found["changes"]:
        cells = []
        for machine in row["machines"].values():
            hours = [_hours(machine["hours"][count]) for count in (few, most)]
            cells.append(f"{' | '.join(hours)} | {machine['stops_at'] or f'> {most}'} | {machine['limited_by']}")
        lines.append(f"| {row['change']} | {' | '.join(cells)} |")
    return "\n".join(lines)


ROW_BYTES = 4 * 64 + 4  # of a word vector's gradient, with its number


def _hours(spent: dict[str, float]) -> str:
    rounded = float(f"{spent['epoch']:.3g}")
    return f"{rounded:,g}"


def _machine(speed: float | str) -> str:
    return "one core" if str(speed) == "1" else f"{speed} times a core"


def tuning() -> str:
    """Searches of settings against the settings as they are."""
    found = result("tuning")
    resumed = found["resumed"]
    lines = [
        f"`benchmarks/tuning.py`, the embedded reviews, {found['minutes']:g} minutes a search on two cores, beside "
        f"other programs, and {found['epochs']} epochs a trial:",
        "",
        "| seed | trials, given up early | validation accuracy as it was | the best |",
        "|---|---|---|---|",
        *(
            f"| {seed} | {one['trials']}, {one['given_up']} | {one['default']:.3f} | {one['best']:.3f} |"
            for seed, one in found["searches"].items()
        ),
    ]
    same = "the same trials and the same Run" if resumed["same_trials"] and resumed["same_kept"] else "OTHER TRIALS"
    lines += [
        "",
        f"A search of {resumed['trials']} trials, killed {resumed['kills']} times and resumed, ended with {same}.",
    ]
    return "\n".join(lines)


_TIMES = {1: "once", 2: "twice"}


def large() -> str:
    """Tables larger than memory: training, what others do, and answering."""
    found = result("large_table")
    train, floor, tflite, network = (
        found["train"],
        found["floor"],
        found["predict"]["tflite"],
        found["predict"]["keras"],
    )
    first, second, beyond = train["first"], train["second"], train["beyond_the_small_one"]
    lines = [
        f"`benchmarks/large_table.py`: {first['rows']:,} reviews in {train['files']} CSV files of "
        f"{train['bytes'] / 1e9:.1f} GB together (IMDB's again and again, each time with other words dropped and "
        f"misspelt). {train['note']} The encoded data take {train['cache_bytes'] / 1e9:.1f} GB of the cache.",
        "",
        "| | first start | second start |",
        "|---|---|---|",
    ]
    for what, key in {
        "from asking for the data to the first step": "from_data_asked_for_to_first_step_begun",
        "from the start of the process to the first step": "from_start_to_first_step_begun",
    }.items():
        cells = " | ".join(f"{run[key]:,.1f} ({run[f'processor_seconds_{key}']:,.1f})" for run in (first, second))
        lines.append(f"| seconds {what} (of a processor) | {cells} |")
    for what, key in {
        "memory beyond that of the same training on {rows:,} rows": "anonymous_mib",
        "the same with mapped files, which the system takes back when it needs to": "both_mib",
    }.items():
        cells = " | ".join(f"{beyond[start][key]:,.0f} MiB" for start in ("first", "second"))
        lines.append(f"| {what.format(rows=train['small']['rows'])} | {cells} |")
    lines += [
        "",
        f"A second of a processor trains {first['rows_trained_a_processor_second']:,} rows. What comes before the "
        f"first step, beside Keras's own means on a share of {floor['share_of_the_rows']:g} of the rows; these encode "
        "anew in every epoch, while rnnkit maps what is encoded:",
        "",
        "| until the words are known | rows | rows a second of a processor | memory beyond |",
        "|---|---|---|---|",
        f"| rnnkit, encoding included | {first['rows']:,} | {first['rows_encoded_a_processor_second']:,} "
        f"| {beyond['first']['anonymous_mib']:,.0f} MiB |",
    ]
    for how, name in {
        "frame": "pandas and `TextVectorization`",
        "stream": "`CsvDataset` and `TextVectorization`",
    }.items():
        row = floor[how]
        lines.append(
            f"| {name} | {row['rows']:,} | {row['rows_a_processor_second_to_the_vocabulary']:,} "
            f"| {row['beyond_the_small_one']['anonymous_mib']:,.0f} MiB |"
        )
    lines += ["", f"`rnnkit predict RUN FILE --to OUT`, texts of at most {tflite['words_a_row']} words:", ""]
    lines += [
        "| | rows | rows a second of a processor | memory, first tenth | memory, last tenth | killed and resumed |",
        "|---|---|---|---|---|---|",
    ]
    for name, row in {"`--tflite`": tflite, "Keras": network}.items():
        early, late = (row[f"peak_of_the_{which}_tenth"]["anonymous_mib"] for which in ("first", "last"))
        same = "the same file" if row["same_bytes"] and row["row_for_row"] else "ANOTHER FILE"
        lines.append(
            f"| {name} | {row['rows']:,} | {row['rows_a_processor_second']:,} | {early:,.0f} MiB | {late:,.0f} MiB "
            f"| {row['rows_killed_and_resumed']:,} rows, {_TIMES[len(row['kills'])]}: {same} |"
        )
    return "\n".join(lines)


WRITERS = (
    *(tasks, run, ner, translation, digits, speech, spoken, spelled, text, music, captions, moving),
    *(pretrained, finetune, latency, cells, memory, trees, browser, gaps, large, tuning),
    *(scaling_measured, scaling_hours, scaling_changes),
)
BLOCKS = {write.__name__: write for write in WRITERS}


def filled(path: Path) -> str:
    """A page with every marked block rewritten, its links relative to the page."""
    up = "" if path.parent == ROOT else "../"

    def written(block: re.Match[str]) -> str:
        text = BLOCKS[block[1]]().replace("](saved_models/", f"]({up}saved_models/")
        return f"<!-- begin:{block[1]} -->\n{text}\n<!-- end:{block[1]} -->"

    page = path.read_text(encoding="utf-8")
    return re.sub(r"<!-- begin:(\w+) -->\n.*?<!-- end:\1 -->", written, page, flags=re.S)


def main() -> None:
    for path in PAGES:
        after = filled(path)
        if "--check" in sys.argv:
            if path.read_text(encoding="utf-8") != after:
                raise SystemExit(f"{path.name} is out of date; run python benchmarks/readme.py.")
            continue
        path.write_text(after, encoding="utf-8")


if __name__ == "__main__":
    main()
