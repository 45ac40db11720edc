"""Export as a site: the page on which a model is tried, for any static host."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rnnkit.errors import RnnkitError
from rnnkit.files.disk import scratch
from rnnkit.page.assets import page_files
from rnnkit.page.site import refuse_occupied, site, write_site
from rnnkit.run.folder import LITE

#: Ways to turn time into a graph that browsers take.
STRATEGIES = ("auto", "padded", "unroll")


def export_site(
    task: Any, folder: Path, examples: Sequence[Any] = (), overwrite: bool = False, **how: Any
) -> dict[str, Any]:
    """Export a trained task for the phone, and write it with the page into a folder.

    Args:
        task: A trained task.
        folder: A new folder, or that of an earlier site.
        examples: Inputs that the page offers.
        overwrite: Whether an earlier site may be replaced.
        **how: Further arguments of `rnnkit.export.export`.

    Returns:
        As `rnnkit.export.export`, with the folder as the path.

    Raises:
        RnnkitError: As that, or the folder holds something else; then nothing is written.
    """
    from rnnkit.export.exporter import export

    page_files()
    refuse_occupied(folder, overwrite)
    if (strategy := how.get("strategy", "auto")) not in STRATEGIES:
        known = ", ".join(STRATEGIES)
        raise RnnkitError(f"strategy is {strategy!r}, which browsers do not take; expected one of {known}.")
    with scratch() as place:
        done = export(task, place, **how)
        name = task.folder.resolve().name if task.folder is not None else task.key
        write_site(site(place / LITE, name, examples, offline=True), folder, overwrite)
    return {**done, "path": str(folder)}
