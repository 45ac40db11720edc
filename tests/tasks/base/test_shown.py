"""A task says what it is in a terminal, in a notebook and at the Tab key."""

import keras
import pytest
from tasks import tiny

import rnnkit
from rnnkit import tasks
from rnnkit.errors import RnnkitError
from rnnkit.run.folder import find_run


def test_it_says_task_cell_data_and_figures():
    task = rnnkit.load(find_run("imdb_sentiment"))
    assert repr(task).startswith(
        "<TextClassifier: cell gru x 128, data imdb_reviews (22,302 texts to train on), parameters 714,754, "
        "test accuracy 0.8900, in "
    )
    page = task._repr_html_()
    assert page.count("<tr>") == page.count("</tr>") and '<td style="text-align:left">0.8900</td>' in page
    assert isinstance(task.model, keras.Model) and task.model is task.network


def test_untrained_it_says_so():
    task = rnnkit.TextClassifier(**tiny.OPTIONS)
    assert repr(task) == "<TextClassifier: cell gru x 5, not trained>" and task.model is None
    with pytest.raises(RnnkitError, match="not trained"):
        task.summary()


def test_names_from_a_run_are_no_markup():
    task = rnnkit.TextClassifier(**tiny.OPTIONS)
    task.network, task.results = object(), {"data": {"name": "<script>", "train": 1}, "test": {"<b>": 0.5}}
    assert "<script>" not in task._repr_html_() and "&lt;script&gt;" in task._repr_html_()
    assert "<b>" not in task._repr_html_()


@pytest.mark.parametrize("key", tasks.names())
def test_the_tab_key_offers_what_users_need(key):
    offered = [name for name in dir(tasks.get(key)()) if not name.startswith("_")]
    assert {"fit", "evaluate", "export", "save", "model", "options", "results"} <= set(offered)
    assert len(offered) <= 25 and not {"collate", "build", "padded_to", "network"} & set(offered), offered


def test_a_users_own_names_are_offered_too():
    class Mine(rnnkit.TextClassifier):
        def shout(self):
            """Be loud."""

    task = Mine(**tiny.OPTIONS)
    task.note = "x"
    assert {"shout", "note"} <= set(dir(task))
