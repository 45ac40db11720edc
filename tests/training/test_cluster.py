"""TF_CONFIG is read strictly."""

import json

import pytest

from rnnkit.errors import RnnkitError
from rnnkit.training.cluster import cluster_of


def config(groups, kind="worker", index=0):
    return json.dumps({"cluster": groups, "task": {"type": kind, "index": index}})


@pytest.mark.parametrize("text", [None, "", " ", "{}", config({"worker": ["a:1"]})])
def test_one_worker_is_no_cluster(text):
    assert cluster_of(text) is None


def test_a_chief_comes_before_the_workers():
    groups = {"worker": ["b:1", "c:1"], "chief": ["a:1"]}
    numbers = [cluster_of(config(groups, *task)).number for task in (("chief", 0), ("worker", 0), ("worker", 1))]
    assert numbers == [0, 1, 2] and cluster_of(config(groups)).addresses == ("a:1", "b:1", "c:1")
    assert [cluster_of(config(groups, *task)).is_chief for task in (("chief", 0), ("worker", 0))] == [True, False]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("workers: 2", "TF_CONFIG is 'workers: 2'; expected JSON such as"),
        ("[1]", "expected JSON such as"),
        (config({"worker": "a:1"}), "expected JSON such as"),
        (config({"worker": ["a", "b"]}), "expected JSON such as"),
        (config({"worker": ["a:1", 5]}), "expected JSON such as"),
        (config({"worker": ["a:1", "b:1"], "chief": ["c:1", "d:1"]}), "expected JSON such as"),
        (json.dumps({"cluster": {"worker": ["a:1", "b:1"]}}), "expected JSON such as"),
        (config({"worker": ["a:1", "b:1"], "ps": ["c:1"]}), "TF_CONFIG names 'ps'"),
        (config({"worker": ["a:1", "b:1"]}, "evaluator"), "TF_CONFIG names 'evaluator'"),
        (config({"worker": ["a:1", "b:1"]}, index=2), "TF_CONFIG says index 2 of 2 of type 'worker'"),
        (config({"worker": ["a:1", "b:1"]}, index=True), "TF_CONFIG says index True of 2"),
        (config({"worker": ["a:1", "b:1"]}, index="0"), "TF_CONFIG says index '0' of 2"),
        (config({"worker": ["a:1", "a:1"]}), "TF_CONFIG names an address twice"),
    ],
)
def test_what_is_not_understood_is_refused(text, said):
    with pytest.raises(RnnkitError) as error:
        cluster_of(text)
    assert said in str(error.value) and "\n" not in str(error.value)
