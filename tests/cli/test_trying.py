"""`rnnkit try` and `rnnkit export --format web` as commands."""

import json
import shutil
import webbrowser
from pathlib import Path

import pytest

import rnnkit
from rnnkit.page import assets, server

RUNS = Path(rnnkit.__file__).parents[1] / "saved_models"


@pytest.fixture
def built(tmp_path, monkeypatch):
    """A page that stands for the built one."""
    (tmp_path / "built").mkdir()
    for name in ("index.html", "sw.js"):
        (tmp_path / "built" / name).write_text(name)
    monkeypatch.setattr(assets, "BUILT", tmp_path / "built")


@pytest.fixture
def seen(monkeypatch):
    """The servers that a command began, each ended as by Ctrl-C, and the addresses that it opened."""
    servers, opened = [], []

    def served(self, poll_interval):
        servers.append(self)
        raise KeyboardInterrupt

    class Browser:
        def open(self, address):
            opened.append(address)

    monkeypatch.setattr(server.PageServer, "serve_forever", served)
    monkeypatch.setattr(webbrowser, "get", Browser)
    return servers, opened


def test_try_serves_a_run_until_it_is_interrupted(built, seen, command_line):
    code, out, err = command_line("try", "sales_forecast")
    servers, opened = seen
    assert (code, err) == (0, "") and opened == [servers[0].address]
    assert out == f"Open {opened[0]} in a browser; Ctrl-C ends it.\nStopped.\n"
    assert opened[0].startswith("http://127.0.0.1:") and "bundle/model.tflite" in servers[0].files
    about = json.loads(servers[0].files["site.json"])
    assert about["name"] == "sales_forecast" and [each["series"] for each in about["examples"]][0] == "shop 1"


def test_try_opens_no_browser_where_none_is_wanted(built, seen, command_line):
    assert command_line("try", "sales_forecast", "--no-open")[0] == 0 and not seen[1]


def test_try_says_who_can_open_the_page(built, seen, command_line):
    code, out, _ = command_line("try", "sales_forecast", "--host", "0.0.0.0", "--no-open")
    assert code == 0 and "Whoever is on this network can open it" in out
    assert "on this network" not in command_line("try", "sales_forecast", "--no-open")[1]


def test_try_refuses_a_taken_port_in_a_line(built, seen, command_line):
    with server.PageServer({}) as other:
        code, out, err = command_line("try", "imdb_sentiment", "--port", other.server_address[1])
    assert (code, out) == (1, "") and "Give another --port" in err and err.count("\n") == 1


def test_try_refuses_the_exported_file_of_another_task(built, seen, command_line, tmp_path):
    shutil.copytree(RUNS / "sales_forecast", tmp_path / "run", ignore=shutil.ignore_patterns("plots"))
    shutil.rmtree(tmp_path / "run" / "lite")
    shutil.copytree(RUNS / "gestures" / "lite", tmp_path / "run" / "lite")
    code, out, err = command_line("try", tmp_path / "run", "--no-open")
    assert (code, out, seen[0]) == (1, "", []) and err.count("\n") == 1
    assert err.endswith("lite holds a sequence_classifier, and its Run is a forecaster. Export it again.\n")


def test_without_the_page_both_commands_say_how_it_is_built(tmp_path, monkeypatch, command_line):
    monkeypatch.setattr(assets, "BUILT", tmp_path / "built")
    monkeypatch.chdir(tmp_path)
    for words in (("try", "imdb_sentiment"), ("export", "imdb_sentiment", "--format", "web", "--to", "site")):
        code, _, err = command_line(*words)
        assert code == 1 and "`make web` builds it in a checkout, with Node 20 or later" in err and err.count("\n") == 1
    assert not [path for path in tmp_path.iterdir() if not path.name.startswith(".")]


def test_a_site_needs_a_folder_of_its_own(built, command_line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, _, err = command_line("export", "imdb_sentiment", "--format", "web")
    assert code == 1 and "--to imdb_sentiment_site" in err
    Path("mine").mkdir()
    Path("mine", "notes.txt").write_text("mine")
    code, _, err = command_line("export", "imdb_sentiment", "--format", "web", "--to", "mine", "--overwrite")
    assert (
        code == 1
        and "mine exists and is no site of rnnkit" in err
        and [*Path("mine").iterdir()] == [Path("mine/notes.txt")]
    )
