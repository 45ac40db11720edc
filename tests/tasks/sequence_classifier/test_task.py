"""The sequence classifier: parts, batches, answers, figures; whole and step by step."""

import numpy as np
import pytest
from tasks import sequencing

import rnnkit
from rnnkit.data.group_split import split_by_group
from rnnkit.errors import RnnkitError
from rnnkit.tasks.sequence_classifier.augmentation import augmented
from rnnkit.tasks.sequence_classifier.options import SequenceClassifierOptions
from rnnkit.tasks.sequence_classifier.sample import make_gestures
from rnnkit.tasks.sequence_classifier.shown_examples import shown_examples
from rnnkit.tasks.sequence_classifier.source import open_sequences


def learnt(data, **options):
    task = rnnkit.SequenceClassifier(**{**sequencing.OPTIONS, **options})
    return task, task.preprocessing.learn(task.read(data))


def test_scales_are_those_of_the_training_part():
    task, parts = learnt(sequencing.rows(100))
    values = np.concatenate([parts.train.inputs[place] for place in range(len(parts.train))])
    assert np.abs(values.mean(axis=0)).max() < 1e-5 and np.abs(values.std(axis=0) - 1).max() < 1e-5
    assert abs(parts.test.inputs.flat.mean()) > 1e-5
    assert parts.report["labels"] == {"fast": 50, "slow": 50} and task.channels.missing is False


def test_missing_values_and_irregular_times_are_features():
    import pandas as pd

    random = np.random.default_rng(0)
    frames = [
        pd.DataFrame({"id": number, "time": np.cumsum(random.exponential(2, 9)), "x": random.normal(size=9),
                      "label": "ab"[number % 2]})
        for number in range(40)
    ]  # fmt: skip
    frame = pd.concat(frames)
    frame.loc[frame.x > 1.5, "x"] = None
    task, parts = learnt(frame)
    assert task.channels.features == 4 and parts.train.inputs[0].shape == (9, 4)
    assert parts.report["time"].startswith("irregular, usually 1.")
    with pytest.raises(RnnkitError, match="Sequence 1 has no time of each step"):
        task.encode_inputs([[[1.0], [2.0]]])
    assert len(task.encode_inputs([{"values": [[1.0], [2.0]], "elapsed": [0, 3]}])) == 1


def test_a_value_that_is_missing_in_one_part_alone_stops_no_training():
    for place in range(12):
        data = sequencing.rows(24)
        data[place][0][1] = np.nan
        assert learnt(data)[0].channels.missing
    with pytest.raises(RnnkitError, match="every sequence has one step. Name the column that tells sequences apart"):
        learnt([(values[:1], label) for values, label in data])


def test_equal_sequences_are_on_one_side_and_those_of_a_group():
    data = sequencing.rows(60)
    _, parts = learnt([*data, *data])
    assert parts.report["left_out"] == 60
    grouped = [(values, label, f"p{place % 10}") for place, (values, label) in enumerate(data)]
    task, parts = learnt(grouped)
    source = task.read(grouped)
    by_digest = dict(zip(source.digests(), source.groups, strict=True))
    assert len(by_digest) == 60 and parts.report["groups"] == 10
    assert len(parts.test) == len(parts.validation) == 6


def test_parts_by_group_keep_groups_whole_and_labels_even():
    groups = np.repeat([f"g{number}" for number in range(20)], 10)
    labels = np.tile(["a", "b"], 100)
    parts = split_by_group(labels, groups, {"train": 0.8, "validation": 0.1, "test": 0.1}, seed=3)
    sets = [set(groups[places]) for places in parts.values()]
    assert [len(each) for each in sets] == [16, 2, 2] and not set.intersection(*sets)
    assert sorted(np.concatenate(list(parts.values())).tolist()) == list(range(200))
    few = split_by_group(["a", "b"], ["p", "q"], {"train": 0.8, "validation": 0.1, "test": 0.1})
    assert len(few["train"]) == 1


def test_folds_keep_groups_together():
    from rnnkit.data.folds import folds_of

    grouped = [(values, label, f"p{place % 5}") for place, (values, label) in enumerate(sequencing.rows(40))]
    task = rnnkit.SequenceClassifier(**sequencing.OPTIONS)
    data = task.in_folds(task.read(grouped))
    chosen = folds_of(data, 5)
    assert sorted({(key, fold) for key, fold in zip(data.keys, chosen.tolist(), strict=True)})[0][0] == "p0"
    assert len({(key, fold) for key, fold in zip(data.keys, chosen.tolist(), strict=True)}) == 5
    some = data.opened(data.examples[:3], test=True)
    assert some.groups == ["p0", "p1", "p2"] and len(some.digests()) == 3


def test_labels_that_are_not_known_and_other_channels_are_refused():
    task = sequencing.trained()
    for data, said in (
        ([(np.zeros((3, 2)), "other")], "The list has the label 'other', which this model does not know"),
        ([(np.zeros((3, 3)), "slow")], "has the channels channel_1, channel_2, channel_3; expected 2, in this order"),
        (
            [(np.array([[1, np.nan]]), "slow")],
            "step 1 has no value of 'channel_2', and no training sequence lacked one",
        ),
    ):
        with pytest.raises(RnnkitError, match=said):
            task.evaluate(data)
    with pytest.raises(RnnkitError, match="has 1 channels; expected 2, in this order: channel_1, channel_2"):
        task.predict([0.5, 0.25])


def test_one_sequence_in_every_form_has_one_answer():
    import pandas as pd

    task, values = sequencing.trained(), sequencing.rows(1)[0][0]
    frame = pd.DataFrame({"note": "x", "channel_2": values[:, 1], "channel_1": values[:, 0]})
    text = " ".join(f"{x},{y}" for x, y in values.tolist())
    first = task.predict(values)
    assert first == task.predict(values.tolist()) == task.predict(frame) == task.predict(text)
    assert task.predict([values, text]) == [pytest.approx(first)] * 2 or task.predict([values, text])[0].label


def test_labels_for_every_step():
    task = sequencing.trained_steps()
    values = sequencing.rows(1, seed=5)[0][0]
    answer = task.predict(values)
    assert len(answer.labels) == len(answer.probability) == len(values) == answer.spans[-1][2]
    assert {len(each) for each in answer.probabilities.values()} == {len(values)} and " 1" in answer.summary
    scores = task.evaluate(sequencing.rows(20, seed=6, steps=True))
    assert scores["rows"] == 20 and scores["steps"] == sum(map(sum, scores["confusion"]))
    with pytest.raises(
        RnnkitError, match="has a label for each sequence; this model was trained on one for every step"
    ):
        task.preprocessing.encode_rows(open_sequences(sequencing.rows(4)))


def test_steps_without_a_label_are_neither_learnt_nor_scored():
    data = [(values, [None, *labels[1:]]) for values, labels in sequencing.rows(40, steps=True)]
    task, parts = learnt(data, per_step=True)
    inputs, labels, weights = task.collate(parts.train, np.arange(4))
    lengths = parts.train.inputs.lengths[:4]
    assert weights.sum() == (lengths - 1).sum() and inputs.shape[:2] == labels.shape and not weights[:, 0].any()


def test_class_weights_make_rare_labels_count_as_much():
    data = [*sequencing.rows(20), *[(values, "slow") for values, _ in sequencing.rows(40, seed=2)]]
    task, parts = learnt(data, class_weights=True)
    _, labels, weights = task.collate(parts.train, np.arange(len(parts.train)))
    sums = [weights[labels == label].sum() for label in (0, 1)]
    assert sums[0] == pytest.approx(sums[1])


def test_augmentation_changes_values_as_it_says_and_in_the_same_way_again():
    features = np.concatenate([np.linspace(0, 1, 50)[:, None], np.ones((50, 1))], axis=1).astype(np.float32)
    steps = np.arange(50)

    def changed(seed=(1, 2, 3), **strengths):
        return augmented(features, steps, 1, SequenceClassifierOptions(**strengths), seed)

    same, labels = changed()
    assert np.array_equal(same, features) and np.array_equal(labels, steps)
    for strengths in ({"jitter": 0.1}, {"scaling": 0.5}, {"time_warp": 0.4}, {"crop": 0.5}, {"channel_dropout": 0.9}):
        one, labels = changed(**strengths)
        again, other = changed(**strengths), changed(seed=(1, 3, 3), **strengths)
        assert np.array_equal(one, again[0]) and one.dtype == np.float32 and len(one) == len(labels)
        assert np.array_equal(one[:, 1], np.ones(len(one))) and not np.array_equal(one, features)
        assert not np.array_equal(one, other[0]) or strengths.get("channel_dropout")
    cropped, labels = changed(crop=0.5)
    assert 25 <= len(cropped) < 50 and np.abs(cropped[:, 0] - labels / 49).max() < 0.02
    warped, labels = changed(time_warp=0.4)
    assert (np.diff(warped[:, 0]) >= 0).all() and warped[0, 0] == 0 and warped[-1, 0] == pytest.approx(1)
    noisy, _ = changed(jitter=0.1)
    assert 0.05 < (noisy - features)[:, 0].std() < 0.15


def test_augmentation_is_for_training_alone():
    task, parts = learnt(sequencing.rows(60), jitter=0.5, time_warp=0.2)
    batches = task.batches(parts.train)
    plain = {
        place: row for indices, (inputs, _) in batches.in_order() for place, row in zip(indices, inputs, strict=True)
    }
    assert all(np.array_equal(row[: len(parts.train.inputs[at])], parts.train.inputs[at]) for at, row in plain.items())
    one, again, other = ([inputs for inputs, _ in batches.shuffled(epoch)] for epoch in (0, 0, 1))
    assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(one, again, strict=True))
    assert not all(np.array_equal(a, b, equal_nan=True) for a, b in zip(one, other, strict=True))


def test_explanations_find_the_steps_that_tell():
    task = sequencing.trained()
    values = sequencing.rows(1, seed=9)[0][0]
    spans, scores, prediction = task.explain(values)
    assert spans[0] == "1" and len(spans) == len(scores) == len(values) and prediction.label in task.labels
    assert np.isfinite(scores).all() and np.abs(scores).max() > 0
    with pytest.raises(RnnkitError, match="this Run has one for every step"):
        sequencing.trained_steps().explain(values)


def test_the_sample_has_pairs_that_only_the_order_tells_apart():
    made = make_gestures(120, 6)
    assert {gesture.motion for gesture in made} == {"circle", "circle_back", "raise", "lower", "shake", "tap"}
    assert len({(gesture.motion, gesture.person) for gesture in made}) == 36
    assert {len(gesture.values) for gesture in made} > {18, 20, 22} and made[0].values.dtype == np.float32
    assert all(np.array_equal(a.values, b.values) for a, b in zip(made, make_gestures(120, 6), strict=True))


@pytest.mark.slow
def test_another_sensor_and_other_labels_are_finetuned(capsys):
    task = sequencing.trained()
    data = [(np.column_stack([values, values[:, :1]]), label.upper()) for values, label in sequencing.rows(40, seed=4)]
    tuned = task.finetune(data, epochs=1)
    assert tuned.labels == ["FAST", "SLOW"] and tuned.predict(data[0][0]).label in tuned.labels
    said = " ".join(capsys.readouterr().err.split())
    assert (
        "new labels (FAST, SLOW): the head is new; other channels (channel_1, channel_2, channel_3): the weights"
        in said
    )
    assert "weights that read them are new, all behind are kept" in said
    same = task.finetune(sequencing.rows(40, seed=4), epochs=1)
    said = " ".join(capsys.readouterr().err.split())
    assert "same labels: the head is kept; same channels: the weights that read them are kept" in said
    assert same.channels.mean == task.channels.mean and same.labels == task.labels


def test_a_pool_of_labels_for_every_step_is_refused():
    with pytest.raises(RnnkitError, match="pooling is 'max' with per_step"):
        rnnkit.SequenceClassifier(per_step=True, pooling="max")


def test_another_rate_and_what_is_cut_is_said(tmp_path, capsys):
    def table(apart, steps):
        lines = [
            f"{n},{step * apart},{step % (2 + n % 2)},{'ab'[n % 2]}" for n in range(30) for step in range(steps + n)
        ]
        return "id,t,x,label\n" + "\n".join(lines)

    for name, apart in {"known": 0.02, "other": 20}.items():
        (tmp_path / f"{name}.csv").write_text(table(apart, 3))
    task = rnnkit.SequenceClassifier(units=4, epochs=1, max_length=30).fit(tmp_path / "known.csv", to=tmp_path / "run")
    assert not task.channels.interval and task.channels.regular == pytest.approx(0.02)
    capsys.readouterr()
    rnnkit.load(tmp_path / "run").evaluate(tmp_path / "other.csv")
    said = " ".join(capsys.readouterr().err.split())
    assert "other.csv: steps come 20 apart, those of the training data 0.02." in said
    assert "other.csv: 2 sequences of more than 30 steps, of which only the beginning is read." in said
    task.open_inputs(tmp_path / "known.csv", task)
    assert "apart" not in capsys.readouterr().err


def test_pictured_examples_are_of_usual_lengths_and_the_steps_of_a_label():
    rows = [(np.full((steps, 1), steps), label) for label in "ab" for steps in (3, 5, 5, 6, 5, 90)]
    shown = shown_examples(open_sequences(rows), lambda values, *_: values, ["b", "a"])
    assert list(shown) == ["b", "a"] and [len(each) for each in shown["a"]] == [5, 5, 5]
    steps = [(np.arange(6.0)[:, None], list("abbabb")), (np.arange(3.0)[:, None], list("baa"))]
    shown = shown_examples(open_sequences(steps, per_step=True), lambda values, *_: values[:5], ["a", "b"])
    assert [each[:, 0].tolist() for each in shown["a"]] == [[0], [1, 2]]
    assert [each[:, 0].tolist() for each in shown["b"]] == [[1, 2], [0]]


def test_data_that_lack_values_finetune_a_run_whose_data_lacked_none():
    tuned = sequencing.trained().finetune(sequencing.rows(40, seed=4, missing=0.2), epochs=1)
    assert tuned.channels.missing and tuned.channels.features == 6
    kept = sequencing.trained().finetune(sequencing.rows(40, seed=4), epochs=1)
    assert kept.channels.mean == sequencing.trained().channels.mean and kept.channels.features == 2
