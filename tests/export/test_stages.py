"""The stages of an export on a terminal, and none elsewhere."""

import io
import re

from rich.console import Console

from rnnkit.export import stages as module


def test_stages_are_numbered_and_say_the_time_left_where_it_is_known(monkeypatch):
    file = io.StringIO()
    monkeypatch.setattr(module, "console", Console(file=file, width=80, force_terminal=True, color_system=None))
    with module.stages(3) as shown:
        shown.begin("saving the model")
        shown.bar.refresh()
        shown.begin("converting the model")
        shown.bar.refresh()
        for _ in shown.each("running it on 3 texts", "abc", 3):
            shown.bar.refresh()
    lines = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "\n", file.getvalue()).replace("\r", "\n").splitlines()
    for part in ("1/3 saving the model ", "2/3 converting the model ", "3/3 running it on 3 texts "):
        assert any(line.startswith(part) for line in lines)
    assert any(line.startswith("3/3") and line.rstrip().endswith(" left") for line in lines)
    assert not any(line.startswith(("1/3", "2/3")) and "left" in line for line in lines)
    assert max(map(len, lines)) <= 80 and not shown.bar.live.is_started


def test_in_a_file_or_pipe_nothing_is_shown(monkeypatch):
    file = io.StringIO()
    monkeypatch.setattr(module, "console", Console(file=file, width=80))
    with module.stages(1) as shown:
        assert list(shown.each("running", [1, 2], 2)) == [1, 2]
    assert file.getvalue() == ""
