"""A site: all that the page needs in one folder, written whole or not at all."""

import json
import shutil
from pathlib import Path

import pytest

import rnnkit
from rnnkit import tasks
from rnnkit.errors import RnnkitError
from rnnkit.export import exporter, web
from rnnkit.lite import read_bundle
from rnnkit.page import assets
from rnnkit.page.assets import runs_in_browser
from rnnkit.page.site import site, write_site
from rnnkit.tasks.base.example_files import inputs_to_try

RUNS = Path(rnnkit.__file__).parents[1] / "saved_models"
EARLIER = Path(__file__).parents[1] / "formats" / "1"
BUNDLE = RUNS / "sales_forecast" / "lite"


def everything(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_site_has_the_page_the_bundle_and_what_is_said_of_it(built, tmp_path):
    folder = write_site(site(BUNDLE, "shops", [{"values": [1.5]}], offline=True), tmp_path / "out" / "site")
    files = everything(folder)
    assert {f"bundle/{path.name}" for path in BUNDLE.iterdir()} <= set(files)
    assert files["litert/litert.wasm"] == b"content of litert/litert.wasm\n"
    about = json.loads(files["site.json"])
    assert about["name"] == "shops" and about["task"] == "forecaster" and about["examples"] == [{"values": [1.5]}]
    head, rest = files["sw.js"].decode().split("\n", 1)
    kept = json.loads(head.removeprefix("const SITE = ").removesuffix(";"))
    assert rest == "content of sw.js\n"
    assert set(kept["files"]) == set(files) - {"sw.js", "index.html"} | {"./"}
    assert json.loads(files["manifest.webmanifest"])["start_url"] == "./"


def test_what_is_only_served_is_not_kept_by_the_browser(built):
    files = site(BUNDLE, "shops")
    assert "sw.js" not in files and json.loads(files["site.json"])["offline"] is False


def test_other_contents_are_another_version(built):
    first, second = (site(BUNDLE, name, offline=True)["sw.js"].split(b"\n")[0] for name in ("a", "b"))
    assert first != second


def test_a_folder_with_something_else_is_left_alone(built, tmp_path):
    files = site(BUNDLE, "shops", offline=True)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "index.html").write_text("mine")
    with pytest.raises(RnnkitError, match="mine exists and is no site of rnnkit; nothing was written"):
        write_site(files, tmp_path / "mine", overwrite=True)
    assert everything(tmp_path / "mine") == {"index.html": b"mine"}


def test_an_earlier_site_is_replaced_when_asked_and_its_owners_files_stay(built, tmp_path):
    files = site(BUNDLE, "shops", offline=True)
    folder = write_site(files, tmp_path / "site")
    (folder / "CNAME").write_text("shops.example")
    with pytest.raises(RnnkitError, match="holds a site already; nothing was written"):
        write_site(files, folder)
    (built / "page.js").write_text("newer")
    write_site(site(BUNDLE, "shops", offline=True), folder, overwrite=True)
    assert (folder / "page.js").read_text() == "newer" and (folder / "CNAME").read_text() == "shops.example"


def test_a_failure_leaves_nothing_half_written(built, tmp_path):
    files = {**site(BUNDLE, "shops", offline=True), "zz.js": tmp_path / "missing.js"}
    with pytest.raises(RnnkitError, match="cannot be written"):
        write_site(files, tmp_path / "site")
    assert [path.name for path in tmp_path.iterdir() if not path.name.startswith(".")] == ["built"]


def test_browsers_take_fixed_shapes_alone(built, tmp_path):
    assert runs_in_browser(read_bundle(BUNDLE))
    for task in ("text_classifier", "language_model"):  # of an open length; one that gives one tensor as two states
        assert not runs_in_browser(read_bundle(EARLIER / task / "lite"))
    with pytest.raises(RnnkitError, match="has files that browsers refuse: of an open length"):
        site(EARLIER / "text_classifier" / "lite", "texts")


def test_an_altered_bundle_is_refused(built, tmp_path):
    shutil.copytree(BUNDLE, tmp_path / "lite")
    (tmp_path / "lite" / "plan.json").write_text("{}")
    with pytest.raises(RnnkitError, match="SHA-256 differs"):
        site(tmp_path / "lite", "shops")


def test_without_the_page_nothing_begins(tmp_path, monkeypatch):
    monkeypatch.setattr(assets, "BUILT", tmp_path / "built")
    with pytest.raises(RnnkitError, match="The page is not built: .*`make web` builds it"):
        site(BUNDLE, "shops")


@pytest.mark.parametrize("key", tasks.names())
def test_the_examples_of_a_task_are_json(key):
    made = inputs_to_try(tasks.get(key))
    assert json.loads(json.dumps(made)) == made
    assert made or tasks.get(key).inputs_are_files  # whose page has pictures of its own, or listens


class Task:
    """A task with a folder."""

    key, folder = "forecaster", RUNS / "sales_forecast"


def test_an_export_as_a_site_takes_what_browsers_take(built, tmp_path, monkeypatch):
    def exported(task, place, **how):
        shutil.copytree(BUNDLE, place / "lite")
        return {"path": str(place / "lite"), "bytes": 1, **how}

    monkeypatch.setattr(exporter, "export", exported)
    done = web.export_site(Task, tmp_path / "site", ["a"], quantize="none")
    assert done["path"] == str(tmp_path / "site") and done["quantize"] == "none"
    assert json.loads((tmp_path / "site" / "site.json").read_text())["name"] == "sales_forecast"
    with pytest.raises(RnnkitError, match="strategy is 'loop', which browsers do not take; expected one of auto, pad"):
        web.export_site(Task, tmp_path / "other", strategy="loop")
    with pytest.raises(RnnkitError, match="holds a site already"):
        web.export_site(Task, tmp_path / "site")
    assert not (tmp_path / "other").exists()
