"""The common style of all pictures, and saving them."""

import io
from os import PathLike
from pathlib import Path

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator

from rnnkit.files.writing import write_bytes
from rnnkit.plots.fonts import drawable, families
from rnnkit.plots.naming import is_the_users, run_name
from rnnkit.run.pictures import SOFTWARE
from rnnkit.streams import argument_text

WIDTH, HEIGHT, DPI = 8.0, 4.5, 120
INK, MUTED, RULE = "#1f2933", "#5f6c7b", "#d9dee5"
BLUE, ORANGE = "#0072b2", "#d55e00"  # Okabe & Ito's colours, told apart by colour-blind readers
#: For several lines: Okabe & Ito's colours, and dashes for print in grey.
COLOURS = (BLUE, ORANGE, "#009e73", "#cc79a7", "#56b4e9", "#e69f00", INK)
DASHES = ("solid", (0, (4, 2)), (0, (1, 1.5)), (0, (5, 1, 1, 1)))
TINY, SMALL, BODY, TITLE = 9, 10, 11, 13  # points; the 8 inches are shown about 700 pixels wide


def new_figure(height: float = HEIGHT, managed: bool = True) -> Figure:
    """An empty figure `height` inches high; unless `managed`, its parts are placed by hand."""
    engine = ConstrainedLayoutEngine(w_pad=0.14, h_pad=0.1, wspace=0.04) if managed else None
    return Figure(figsize=(WIDTH, height), dpi=DPI, layout=engine, facecolor="white")


def style(axes: Axes, title: str, subtitle: str) -> None:
    """Title and subtitle at the top left, quiet axes."""
    title = title[:1].upper() + title[1:]
    axes.set_title(title, loc="left", fontsize=TITLE, fontweight="bold", color=INK, pad=26 if subtitle else 8)
    axes.annotate(subtitle, (0, 1), (0, 8), "axes fraction", "offset points", fontsize=BODY, color=MUTED)
    axes.set_facecolor("white")
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(RULE)
    axes.tick_params(labelsize=BODY, colors=INK, length=0)
    for label in (axes.xaxis.label, axes.yaxis.label):
        label.set(fontsize=BODY, color=INK)


def round_ticks(axis: Axis, whole: bool = False, most: int = 8) -> None:
    """At most 8, or `most`, steps of 1, 2 or 5 times a power of ten, with as many decimals as the step has."""
    axis.set_major_locator(MaxNLocator(most, integer=whole, min_n_ticks=1, steps=[1, 2, 5, 10]))
    step = np.diff(axis.get_majorticklocs()).min(initial=np.inf)
    decimals = max(0, -int(np.floor(np.log10(step) + 1e-6))) if np.isfinite(step) else 0
    axis.set_major_formatter(lambda value, _: f"{value:,.{decimals}f}".replace("-", "−"))


def legend_below(figure: Figure, meanings: dict[str, Artist], columns: int = 8) -> None:
    """One legend under all axes, in lines of at most so many columns."""
    figure.legend(
        list(meanings.values()),
        list(meanings),
        loc="outside lower center",
        ncols=min(len(meanings), columns),
        frameon=False,
        fontsize=BODY,
        labelcolor=INK,
    )


def save(figure: Figure, path: str | PathLike[str]) -> Path:
    """Write the PNG whole or not at all, with our own fonts, every text taken literally, and the Run's name where the
    picture belongs to one (`rnnkit.plots.naming`)."""
    if name := run_name():
        _add_name(figure, drawable(name, 60))
    for text in figure.findobj(Text):
        text.set(fontfamily=families(), parse_math=False, usetex=False, text=argument_text(text.get_text()))
    picture = io.BytesIO()
    FigureCanvasAgg(figure).print_png(picture, metadata={"Software": None if is_the_users() else SOFTWARE})
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(path, picture.getvalue())
    return path


def _add_name(figure: Figure, name: str) -> None:
    """Write a Run's name above everything, or into the corner of a figure whose parts are placed by hand."""
    if figure.get_layout_engine() is None:
        figure.text(0.988, 0.012, name, fontsize=TINY, color=MUTED, ha="right", va="bottom")
    else:
        left = 0.14 / WIDTH
        said = figure.get_suptitle()
        figure.suptitle(f"{name}: {said}" if said else name, x=left, ha="left", fontsize=SMALL, color=MUTED)
