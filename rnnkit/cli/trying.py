"""`rnnkit try`: a page on which a Run answers, served on this machine."""

import sys
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from rnnkit import tasks as task_zoo
from rnnkit.cli.program import app
from rnnkit.cli.screen import say
from rnnkit.cli.shared import RunFolder
from rnnkit.errors import RnnkitError
from rnnkit.page import LOCAL


@app.command("try", epilog="Example: rnnkit try imdb_sentiment")
def try_run(
    run: RunFolder,
    port: Annotated[int, typer.Option("--port", help="where to serve it; 0: any port that is free", min=0)] = 0,
    host: Annotated[
        str, typer.Option("--host", help="the address to serve it at; 0.0.0.0: for phones of this network too")
    ] = LOCAL,
    no_open: Annotated[bool, typer.Option("--no-open", help="only print the address")] = False,
) -> None:
    """Try a Run in the browser, on a page that runs its exported file."""
    from rnnkit.page.assets import page_files
    from rnnkit.page.server import PageServer
    from rnnkit.page.site import site
    from rnnkit.run.folder import find_run
    from rnnkit.tasks.base.example_files import inputs_to_try

    folder = find_run(run)
    kind = task_zoo.class_of(folder)
    page_files()
    PageServer({}, host, port).server_close()  # a taken port is found before an export
    with _bundle(run, folder) as bundle:
        files = site(bundle, folder.resolve().name, inputs_to_try(kind))
        with PageServer(files, host, port) as server:
            _tell(server)
            if not no_open:
                _open(server.address)
            try:
                server.serve_forever(poll_interval=0.2)
            except KeyboardInterrupt:
                say("Stopped.")


@contextmanager
def _bundle(run: str, folder: Path) -> Iterator[Path]:
    """An exported file that browsers take: the Run's own, else one made for now."""
    from rnnkit.files.disk import scratch
    from rnnkit.lite.bundle import FILE_NAME, read_bundle
    from rnnkit.page.assets import runs_in_browser
    from rnnkit.run.folder import LITE

    there = (folder / LITE / FILE_NAME).is_file()
    found, key = (read_bundle(folder / LITE) if there else None), task_zoo.class_of(folder).key
    if found is not None and found.task != key:
        raise RnnkitError(f"{folder / LITE} holds a {found.task}, and its Run is a {key}. Export it again.")
    if found is not None and runs_in_browser(found):
        yield folder / LITE
        return
    why = "is one that browsers refuse" if there else "is not there"
    say(f"The exported file of {run} {why}; one is made for now, which takes half a minute.")
    task = task_zoo.load(folder)
    with scratch() as place:
        task.export(place)
        yield place / LITE


def _tell(server: Any) -> None:
    """The address, and for others a picture of it that a phone reads."""
    say(f"Open {server.address} in a browser; Ctrl-C ends it.", "bold")
    if not server.is_open:
        return
    say("Whoever is on this network can open it; so use it where you trust the others.")
    encoding = (getattr(sys.stdout, "encoding", None) or "").lower()
    if sys.stdout.isatty() and encoding.startswith("utf"):
        import segno

        segno.make(server.address, micro=False).terminal(compact=True)


def _open(address: str) -> None:
    """Open a browser with a window of its own; one that would take over the terminal is left alone."""
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return
    in_terminal = isinstance(browser, webbrowser.GenericBrowser) and not isinstance(
        browser, webbrowser.BackgroundBrowser
    )
    if not in_terminal:
        browser.open(address)
