"""The README says what was measured, and its links lead somewhere."""

import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def _script(name):
    spec = importlib.util.spec_from_file_location(f"{name}_script", ROOT / "benchmarks" / f"{name}.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    return script


def test_the_figures_in_the_readme_are_the_recorded_ones():
    script, blocks = _script("readme"), []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        found = re.findall(r"<!-- begin:(\w+) -->", text)
        assert found == re.findall(r"<!-- end:(\w+) -->", text) and (not found or page in script.PAGES), page.name
        assert not found or script.filled(page) == text, f"{page.name} is out of date; run: python benchmarks/readme.py"
        blocks += found
    assert set(blocks) == set(script.BLOCKS), "a block of benchmarks/readme.py stands on no page"


def test_the_page_of_cells_is_what_the_docstrings_and_results_say(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    text = (ROOT / "docs" / "cells.md").read_text(encoding="utf-8")
    assert _script("cells_page").written() == text, "docs/cells.md is out of date; run: python benchmarks/cells_page.py"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_relative_links_lead_to_files(page):
    prose = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", prose)
    missing = [target for target in targets if "://" not in target and not (page.parent / target).exists()]
    assert not missing, f"{page.name} links to {missing}, which do not exist; mend the link or add the file."
