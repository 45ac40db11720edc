"""The recogniser of speech: parts, units, answers, figures and fine-tuning."""

import wave

import numpy as np
import pytest
from tasks import speaking

import rnnkit
from rnnkit.codec.transcript_units import TranscriptUnits
from rnnkit.decoding.ctc import min_frames
from rnnkit.errors import RnnkitError
from rnnkit.lite.transcribing import Transcriber
from rnnkit.tasks.speech_recognizer.findings import speech_findings
from rnnkit.tasks.speech_recognizer.options import SpeechRecognizerOptions
from rnnkit.tasks.speech_recognizer.sample import RATE, TONES, dialled, wav_bytes
from rnnkit.tasks.speech_recognizer.source import open_speech


def learnt(rows, **options):
    task = rnnkit.SpeechRecognizer(**{**speaking.OPTIONS, **options})
    return task, task.preprocessing.learn(task.read(rows))


def test_the_sample_has_the_tones_of_its_digits():
    one = next(each for each in dialled(50, seed=3) if len(each.text) == 1)
    power = np.abs(np.fft.rfft(one.samples * np.hanning(len(one.samples))))
    pitches = np.fft.rfftfreq(len(one.samples), 1 / RATE)
    for low, high in ((600, 1000), (1100, 1600)):
        inside = (pitches > low) & (pitches < high)
        loudest = pitches[inside][power[inside].argmax()]
        assert min(abs(loudest - pitch) for pitch in TONES[one.text]) < 10


def test_a_line_is_in_one_part_and_units_are_those_of_training():
    rows = speaking.rows(60)
    task, parts = learnt(rows)
    lines = {text_of: line for text_of, _, line in ((one[0].tobytes(), 0, one[2]) for one in rows)}
    sets = [{lines[row.tobytes()] for row in part.rows} for part in (parts.train, parts.validation, parts.test)]
    assert not sets[0] & sets[1] and not sets[0] & sets[2] and not sets[1] & sets[2]
    assert task.units.units == (" ", *"0123456789") and task.words == list("0123456789")
    first = parts.train
    assert [task.units.decode(each) for each in first.targets] == first.texts
    assert first.inputs.flat.dtype == np.float32 and first.inputs.flat.shape[1] == 40


def test_transcripts_that_do_not_fit_are_left_out_and_all_of_them_refused():
    rows = speaking.rows(60)
    whole = learnt([(samples, text) for samples, text, _ in rows])[1].train.texts
    rows[:20] = [(samples, "0 " * 200, line) for samples, _, line in rows[:20]]
    _, parts = learnt([(samples, text) for samples, text, _ in rows])
    assert parts.report["texts_too_long"] == len(whole) - len(parts.train) >= 10 and all(
        len(row) // 3 >= min_frames(labels.tolist())
        for row, labels in zip(parts.train.inputs, parts.train.targets, strict=True)
    )
    with pytest.raises(RnnkitError, match="every transcript has more units than its recording has steps"):
        learnt([(samples, "0 " * 200, line) for samples, _, line in rows])


@pytest.mark.parametrize("unit", ["word", "subword"])
def test_other_units_write_the_same_texts(unit):
    task, parts = learnt(speaking.rows(40), unit=unit, vocabulary_size=30)
    assert [task.units.decode(each) for each in parts.train.targets] == parts.train.texts
    lexicon = task.transcriber({"lexicon": "words"})
    assert lexicon.beam_width == 32


def test_broken_recordings_are_left_out_with_a_line_each(tmp_path, capsys):
    rows = speaking.rows(40)
    (tmp_path / "broken.wav").write_bytes(b"RIFF....WAVE")
    _, parts = learnt([*rows, (str(tmp_path / "broken.wav"), "1", "x")])
    assert parts.report["left_out"] == 1 and "left out: " in capsys.readouterr().err
    with pytest.raises(RnnkitError, match="none of its 1 recording can be read"):
        learnt([(str(tmp_path / "broken.wav"), "1", "x")])


def test_a_rate_that_no_recording_has_is_told_where_all_were_opened(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("RNNKIT_CACHE", str(tmp_path / "cache"))
    rows = []
    for number, (samples, text, line) in enumerate(speaking.rows(40)):
        (tmp_path / f"{number}.wav").write_bytes(wav_bytes(samples))
        rows.append((str(tmp_path / f"{number}.wav"), text, line))
    hint = "--rate 8000 takes less time and hears as much"
    learnt(rows[:30], rate=16_000, cache=True)
    assert hint in " ".join(capsys.readouterr().err.split())
    learnt(rows, rate=16_000, cache=True)  # whose first 30 come from the cache, at a rate that nobody knows
    assert hint not in " ".join(capsys.readouterr().err.split())
    learnt(rows, rate=8_000)
    assert "takes less time" not in capsys.readouterr().err


def test_answers_have_words_with_times_and_confidences(tmp_path):
    task, (samples, _, _) = speaking.trained(), speaking.rows(1)[0]
    answer = task.predict(samples)
    assert answer.text == " ".join(word.text for word in answer.words) and 0 <= answer.confidence <= 1
    path = tmp_path / "one.wav"
    path.write_bytes(wav_bytes(samples))
    assert task.predict(str(path)).text == task.predict([path])[0].text
    assert task.predict((samples, RATE)) == answer and task.predict([samples, samples])[0].text == answer.text
    assert task.faults([str(path), str(tmp_path / "none.wav")]).keys() == {1}
    with pytest.raises(RnnkitError, match="this network reads 3 at a time"):
        task.predict(samples[:300])


@pytest.mark.parametrize("how", [(), ("--lexicon", "words", "--n-best", "3")])
def test_a_picture_shows_when_a_recording_says_what(tmp_path, command_line, monkeypatch, how):
    from rnnkit.plots import alignment

    drawn, draw = [], alignment.alignment_over_spectrogram

    def seen(*given, **more):
        drawn.append((given, more))
        return draw(*given, **more)

    monkeypatch.setattr(alignment, "alignment_over_spectrogram", seen)
    task, path = speaking.trained(), str(tmp_path / "one.wav")
    (tmp_path / "one.wav").write_bytes(wav_bytes(speaking.rows(1)[0][0]))
    code, out, err = command_line("predict", task.folder, path, *how, "--plot", tmp_path / "why.png")
    assert code == 0, err
    assert "drawn" in out and (tmp_path / "why.png").read_bytes().startswith(b"\x89PNG")
    answer = task.predict(path, **({"lexicon": "words", "n_best": 3} if how else {}))
    ((frames, units, _), more) = drawn[-1]  # a training draws one, too
    assert [word.text for word in more["words"]] == [word.text for word in answer.words] and units
    assert answer.text in more["title"]
    assert frames.shape == task.encode_inputs([path]).inputs[0].shape


def test_a_picture_of_a_recording_without_words_says_so(tmp_path, monkeypatch):
    from rnnkit.plots import alignment

    titles = []
    monkeypatch.setattr(
        alignment, "alignment_over_spectrogram", lambda *given, title, **more: titles.append((given[1], title))
    )
    task = speaking.trained()
    silence = np.log(np.tile(np.array([0.9, *[0.1 / (task.units.classes - 1)] * (task.units.classes - 1)]), (20, 1)))
    monkeypatch.setattr(task, "outputs", lambda encoded: [silence])
    task.draw_explanation(np.zeros(8000, np.float32), tmp_path / "never.png")
    assert titles == [([], "nothing was recognised")]


def test_a_search_with_words_writes_no_others(tmp_path):
    task, (samples, _, _) = speaking.trained(), speaking.rows(1)[0]
    (tmp_path / "words.txt").write_text("7\nseven\n8\n")
    answer = task.predict(samples, lexicon=str(tmp_path / "words.txt"), beta=5.0)
    assert {word.text for word in answer.words} <= {"7", "8"} and answer.words
    assert len(task.predict(samples, n_best=3).others) == 2
    for how, said in (
        ({"beam_width": 1, "n_best": 2}, "beam_width is 1, greedy"),
        ({"lexicon": str(tmp_path / "none.txt")}, "The list of words .* cannot be read"),
        ({"beam": 3}, "Unknown option"),
    ):
        with pytest.raises(RnnkitError, match=said):
            task.predict(samples, **how)


@pytest.mark.parametrize(
    ("units", "frames"),
    [  # "a" with and without a blank sign; "ab" in one piece and in two
        (TranscriptUnits("character", [" ", "a", "b"]), [[0.1, 0.05, 0.8, 0.05], [0.3, 0.5, 0.1, 0.1]]),
        (TranscriptUnits("subword", ["▁a", "b", "▁ab"]), [[0.1, 0.4, 0.1, 0.4], [0.3, 0.1, 0.5, 0.1]]),
    ],
)
def test_several_answers_are_different_texts(units, frames):
    frames = np.log(frames)
    transcriber = Transcriber(units, [], 0.03, {"n_best": 4})
    found = transcriber.answer(frames)
    texts = [found.text, *(text for text, _ in found.others)]
    assert len(set(texts)) == len(texts) == 4
    search = transcriber.search()
    search.feed(frames)
    assert len(units_said := search.finish(4)) == 4 and len({units.decode(each.units) for each in units_said}) < 4
    assert found.others == tuple(sorted(found.others, key=lambda each: -each[1]))
    assert found.text == Transcriber(units, [], 0.03, {"beam_width": 32}).answer(frames).text
    assert Transcriber(units, [], 0.03, {"n_best": 100}).beam_width == 200


@pytest.mark.parametrize("how", [{}, {"beam_width": 4}])
def test_a_word_that_is_written_in_silence_added_to_a_recording_was_said_within_it(how):
    frames = np.log([[0.1, 0.8, 0.1], [0.8, 0.1, 0.1], [0.8, 0.1, 0.1], [0.1, 0.1, 0.8], [0.1, 0.1, 0.8]])
    units = TranscriptUnits("word", ["yes", "no"])
    yes, no = Transcriber(units, [], 0.5, how, tail=0.75).answer(frames).words
    assert (yes.start, yes.end, no.start, no.end) == (0.0, 0.5, 1.5, 1.75)
    _, late = Transcriber(units, [], 0.5, how, tail=1.25).answer(frames).words
    assert (late.text, late.start, late.end) == ("no", 1.25, 1.25)


def test_a_language_model_changes_what_is_heard():
    from rnnkit.decoding.ctc_beam import PrefixBeamSearch

    class Scorer:
        def __init__(self, classes, loved):
            self.row = np.full(classes, -9.0)
            self.row[loved], self.row[0] = -0.1, 0.0

        def start(self):
            return self.row, None

        def step(self, states, units):
            return np.tile(self.row, (len(units), 1)), [None] * len(units)

    task, (samples, _, _) = speaking.trained(), speaking.rows(1)[0]
    (log_probs,) = task.outputs(task.encode_inputs([samples]))
    transcriber = task.transcriber({"beam_width": 16})
    assert isinstance(transcriber.search(), PrefixBeamSearch)
    loved = task.units.texts.index("5")
    transcriber._scorer, transcriber.options.alpha = Scorer(task.units.classes, loved), 30.0
    assert set(transcriber.answer(log_probs).text.replace(" ", "")) <= {"5"}


def test_figures_have_intervals_and_come_back_with_the_run():
    task = speaking.trained()
    found = task.evaluate([(samples, text) for samples, text, _ in speaking.rows(8, seed=5)])
    assert found["rows"] == 8 and found["wer"] >= 0 and "cer" in found["confidence_intervals"]
    again = rnnkit.load(task.folder)
    samples = speaking.rows(1)[0][0]
    assert again.predict(samples).text == task.predict(samples).text
    assert (task.folder / "plots" / "learning_curves.png").is_file()
    assert (task.folder / "plots" / "confused_words.png").is_file()


def test_finetuning_adds_letters_and_keeps_the_old():
    task = speaking.trained()
    rows = [(samples, text.replace("1", "one"), line) for samples, text, line in speaking.rows(40, seed=2)]
    tuned = task.finetune(rows, epochs=1)
    assert tuned.units.units[:11] == task.units.units and set(tuned.units.units[11:]) == set("one")
    assert tuned.hearing.front == task.hearing.front and task.units.classes == 12
    with pytest.raises(RnnkitError, match="bands is 40 in the trained Run"):
        task.finetune(rows, bands=20)


def test_the_recordings_of_one_voice_are_divided_and_that_is_said(capsys):
    _, parts = learnt([(samples, text, "me") for samples, text, _ in speaking.rows(40)])
    assert len(parts.train) + len(parts.validation) + len(parts.test) == 40 and len(parts.test) >= 3
    assert "too few to keep them apart" in capsys.readouterr().err and "groups" not in parts.report


def test_new_letters_start_behind_old_ones_that_keep_their_weights():
    from rnnkit.tasks.speech_recognizer.network import copy_fitting

    task = speaking.trained()
    other = rnnkit.SpeechRecognizer(**speaking.OPTIONS)
    other.preprocessing.learn(other.read([(s, t.replace("1", "z"), g) for s, t, g in speaking.rows(40)]))
    new = other.build()
    known = {unit: place for place, unit in enumerate(task.units.texts)}
    copy_fitting(task.network, new, [known.get(unit, -1) for unit in other.units.texts])
    old_head, new_head = (net.get_layer("logits").get_weights()[0] for net in (task.network, new))
    for place, unit in enumerate(other.units.texts):
        same = unit in known and np.array_equal(new_head[:, place], old_head[:, known[unit]])
        assert same == (unit in known)


def test_ready_made_frames_train_and_answer(tmp_path):
    random = np.random.default_rng(0)
    rows = [(random.normal(size=(int(n), 13)).astype("float32"), "ab ba"[: 1 + int(n) % 5].strip(), f"s{n % 7}")
            for n in random.integers(40, 80, 40)]  # fmt: skip
    task = rnnkit.SpeechRecognizer(**{**speaking.OPTIONS, "deltas": 2, "epochs": 1, "speed": 0.1}).fit(
        rows, to=tmp_path / "run"
    )
    assert task.hearing.front.features == 39 and not task.hearing.reads_samples
    loaded = rnnkit.load(tmp_path / "run")
    assert loaded.predict(rows[0][0]) == task.predict(rows[0][0])
    with pytest.raises(RnnkitError, match=r"expected ready-made frames, \[frames, 13\]"):
        task.predict(np.zeros((50, 12), "float32"))
    for name in ("noise", "warp"):
        with pytest.raises(RnnkitError, match=f"{name} changes sounds.*Leave --{name} out"):
            learnt(rows, **{name: 0.1})


def test_findings_name_what_is_wrong(tmp_path):
    loud = np.clip(speaking.rows(1)[0][0] * 9, -1, 1)
    with wave.open(str(tmp_path / "loud.wav"), "wb") as file:
        file.setparams((1, 2, 16000, 0, "NONE", ""))
        file.writeframes((loud * 32767).astype("<i2").tobytes())
    (tmp_path / "broken.wav").write_bytes(b"RIFF")
    rows = [
        (str(tmp_path / "loud.wav"), "1 2"),
        (str(tmp_path / "broken.wav"), "1"),
        *((samples, text) for samples, text, _ in speaking.rows(6)),
        (speaking.rows(9)[8][0], "9 " * 300),
        (speaking.rows(10)[9][0], ""),
    ]
    found = speech_findings(open_speech(rows), SpeechRecognizerOptions(rate=8000))
    text = "\n".join(finding.message for finding in found)
    assert {finding.level for finding in found} == {"warn", "good"}
    for said in (
        "left out: ", "16,000 samples a second; resampled to 8,000", "clipped samples", "more letters than the network",
        "1 recording with an empty transcript", "No speaker is named", "minutes of speech; expect",
    ):  # fmt: skip
        assert said in text, text
    bad = speech_findings(open_speech([(str(tmp_path / "broken.wav"), "1")]), SpeechRecognizerOptions())
    assert [finding.level for finding in bad] == ["fail"]


@pytest.mark.slow
def test_a_language_model_of_digits_is_asked_from_its_run_and_from_its_bundle(tmp_path):
    from tasks import writing

    texts = [(" ".join("7" * n),) for n in range(1, 90)]  # in which hardly anything but 7 is said
    texts += [(f"{n % 10} 7 {n // 10} 7",) for n in range(100)]
    model = rnnkit.LanguageModel(**{**writing.WRITER, "epochs": 6}).fit(texts)
    model.save(tmp_path / "model")
    task, (samples, _, _) = speaking.trained(), speaking.rows(1)[0]
    from_run = task.predict(samples, language_model=str(tmp_path / "model"), alpha=3.0)
    assert set(from_run.text.replace(" ", "")) <= {"7"}
    assert task.predict(samples, language_model=model, alpha=3.0).text == from_run.text
    model.export(quantize="none")
    bundle = task.predict(samples, language_model=str(tmp_path / "model" / "lite"), alpha=3.0)
    assert bundle.text == from_run.text
