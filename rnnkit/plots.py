"""Pictures of a Run: learning curves, confusion matrix, text lengths, and the words behind one prediction.

Drawn with matplotlib's objects alone, never with pyplot, so nothing global changes, it works in threads and no figure
stays open. Each function writes one PNG under a temporary name, renames it when whole, and returns its path.
"""

import io
import os
import re
import unicodedata
import uuid
from collections.abc import Mapping, Sequence
from functools import lru_cache
from os import PathLike
from pathlib import Path

import numpy as np
from matplotlib import font_manager
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.patches import FancyBboxPatch, Patch
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import IdentityTransform

from rnnkit.errors import RnnkitError
from rnnkit.explain import FAINT, shade, strengths

WIDTH, HEIGHT, DPI = 8.0, 4.5, 120
INK, MUTED, RULE = "#1f2933", "#5f6c7b", "#d9dee5"
BLUE, ORANGE = "#0072b2", "#d55e00"  # Okabe & Ito's colours, told apart by colour-blind readers
SHARES = [(0.0, "#f6f8fb"), (0.05, "#d9eaf6"), (0.3, "#8cc0e2"), (0.65, BLUE), (1.0, "#003a5c")]  # rare errors show
TINY, SMALL, BODY, TITLE = 9, 10, 11, 13  # points; the 8 inches are shown about 700 pixels wide
MAX_WORDS = 120
_MARGIN, _HEADER, _FOOTER, _LINE, _PAD = 40, 96, 92, 37, 4  # of a text with coloured words, in pixels
# Drawn with, when installed, after matplotlib's own DejaVu Sans, which has no Chinese, Japanese, Korean or Thai.
_MORE_FONTS = ("Noto Sans CJK SC", "Noto Sans CJK JP", "Microsoft YaHei", "PingFang SC", "Hiragino Sans",
               "Malgun Gothic", "WenQuanYi Micro Hei", "Noto Sans Thai", "Noto Sans Devanagari")  # fmt: skip


def learning_curves(
    history: Sequence[Mapping[str, float]],
    path: str | PathLike[str],
    best_epoch: int | None = None,
    metric: str = "accuracy",
) -> Path:
    """Loss on the left, the score on the right, on training and validation data, the best epoch marked.

    Args:
        history: A row for each epoch with `epoch`, `loss`, `val_loss`, `<metric>`, `val_<metric>`; what is missing
            or NaN is left out.
        path: The PNG to write.
        best_epoch: The epoch whose weights were kept; None or 0 marks none.
        metric: Which score, for example "accuracy", "f1" or "bleu".

    Raises:
        RnnkitError: The history has no epoch, or neither the loss nor the metric.

    Example:

    >>> rows = [{"epoch": 1, "loss": 0.6, "val_loss": 0.5, "accuracy": 0.7, "val_accuracy": 0.8}]
    >>> learning_curves(rows, "learning_curves.png", best_epoch=1).name  # doctest: +SKIP
    'learning_curves.png'
    """
    names = [n for n in dict.fromkeys(("loss", metric)) if any({n, f"val_{n}"} & set(row) for row in history)]
    if not names:
        raise RnnkitError(f"The history has {len(history)} epochs and no 'loss' or {metric!r} in them; train first.")
    figure = _figure()
    legend: dict[str, Artist] = {}
    for axes, name in zip(figure.subplots(1, len(names), squeeze=False)[0], names, strict=True):
        _curve(axes, history, name, best_epoch)
        handles, meanings = axes.get_legend_handles_labels()
        legend |= dict(zip(meanings, handles, strict=True))
    _legend(figure, legend)
    return _save(figure, path)


def _curve(axes: Axes, history: Sequence[Mapping[str, float]], name: str, best_epoch: int | None) -> None:
    epochs = [int(row["epoch"]) for row in history]
    training, validation = (
        np.array([row.get(key, np.nan) for row in history], dtype=np.float64) for key in (name, f"val_{name}")
    )
    for values, meaning, colour, dashes, mark in (
        (training, "training", ORANGE, (0, (4, 2)), "s"),
        (validation, "validation", BLUE, "solid", "o"),
    ):
        known = np.isfinite(values)
        if known.any():
            axes.plot(epochs, values, color=colour, linestyle=dashes, linewidth=2, label=meaning,
                      marker=mark if len(epochs) <= 30 or known.sum() == 1 else "", markersize=5)  # fmt: skip
    best = validation[epochs.index(best_epoch)] if best_epoch in epochs else np.nan
    title = re.sub(r"\b(f\d|bleu\d?)\b", lambda found: found[0].upper(), name.replace("_", " "))
    _style(axes, title, f"validation: {best:#.4g} in epoch {best_epoch}" if np.isfinite(best) else "")
    if best_epoch in epochs:
        axes.axvline(best_epoch or 0, color=MUTED, linewidth=1.2, linestyle=":", zorder=1, label="best epoch")
        axes.plot([best_epoch], [best], "o", markersize=11, markerfacecolor="none", color=INK, markeredgewidth=1.5)
    axes.set_xlabel("epoch")
    axes.set_xlim(min(epochs) - 0.4, max(epochs) + 0.4)
    axes.margins(y=0.08)
    _round_ticks(axes.xaxis, whole=True)
    _round_ticks(axes.yaxis)
    axes.grid(axis="y", color=RULE, linewidth=0.8)


def confusion_matrix(matrix: np.ndarray, labels: Sequence[str], path: str | PathLike[str]) -> Path:
    """How often each true label was given each label: counts and, by colour, the share of the row.

    Up to 8 labels the cells show count and share, up to 20 the share alone, beyond that the colour alone.

    Args:
        matrix: Counts, `[classes, classes]`, a row for each true label, as from `metrics.confusion_matrix`.
        labels: The names in the matrix's order; long ones are shortened.
        path: The PNG to write.

    Raises:
        RnnkitError: The matrix is not square with a row for each label.

    Example:

    >>> counts = np.array([[90, 10], [20, 80]])
    >>> confusion_matrix(counts, ["negative", "positive"], "confusion_matrix.png").name  # doctest: +SKIP
    'confusion_matrix.png'
    """
    matrix, count = np.asarray(matrix), len(labels)
    if matrix.shape != (count, count) or not count:
        raise RnnkitError(f"The matrix is {matrix.shape} for {count} labels; expected a row and a column a label.")
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    names = [_drawable(label, 20 if count <= 20 else 16) for label in labels]
    longest = max(map(len, names))
    angle = 90 if count > 20 else 45 if count > 8 or longest * count > 80 else 0
    room = 1.7 + (0.07 * longest * np.sin(np.radians(angle))) + count * (0.46 if count <= 8 else 0.29)
    figure = _figure(float(np.clip(room, HEIGHT, 2 * HEIGHT)))
    axes = figure.subplots()
    image = axes.pcolormesh(shares, cmap=LinearSegmentedColormap.from_list("shares", SHARES), vmin=0, vmax=1,
                            edgecolors="white", linewidth=min(2, 30 / count) if count <= 60 else 0)  # fmt: skip
    if count <= 20:
        _cell_numbers(axes, matrix, shares)
    right = np.trace(matrix) / max(matrix.sum(), 1)
    _style(axes, "confusion matrix", f"{right:.1%} of {matrix.sum():,} right; shares are of the true label")
    shown = slice(None, None, -(-count // 40))
    places, size = np.arange(count)[shown] + 0.5, BODY if count <= 8 else TINY
    axes.set_xticks(places, names[shown], fontsize=size, rotation=angle, ha="right" if angle else "center",
                    va="center" if angle == 90 else "top", rotation_mode="anchor" if angle else "default")  # fmt: skip
    axes.set_yticks(places, names[shown], fontsize=size)
    axes.invert_yaxis()
    axes.spines[:].set_visible(False)
    axes.set_xlabel("predicted")
    axes.set_ylabel("true")
    if count > 8:
        bar = figure.colorbar(image, ax=axes, aspect=35, pad=0.02, format=lambda share, _: f"{share:.0%}")
        bar.set_label("share" + (" (numbers: %)" if count <= 20 else ""), fontsize=SMALL, color=INK)
        bar.ax.tick_params(labelsize=SMALL, colors=INK, length=0)
        bar.outline.set_visible(False)  # type: ignore[operator]
    return _save(figure, path)


def _cell_numbers(axes: Axes, matrix: np.ndarray, shares: np.ndarray) -> None:
    count = len(matrix)
    size = 15 if count <= 3 else BODY if count <= 8 else TINY
    for (row, column), share in np.ndenumerate(shares):
        if count <= 8:
            text = f"{matrix[row, column]:,}\n{share:.1%}" if count <= 3 else f"{matrix[row, column]:,}\n{share:.0%}"
        else:
            text = f"{100 * share:.0f}" if share > 0.005 else ""
        axes.text(column + 0.5, row + 0.5, text, ha="center", va="center", fontsize=size,
                  color="white" if share > 0.5 else INK)  # fmt: skip


def length_histogram(
    lengths: np.ndarray,
    max_length: int,
    path: str | PathLike[str],
    unit: str = "words",
    padding: float | None = None,
) -> Path:
    """How long the texts are, where they are cut, and what the cut costs.

    Args:
        lengths: Of each text, in units, `[texts]`.
        max_length: Longer texts are cut to this many units.
        path: The PNG to write.
        unit: What is counted, in the plural.
        padding: Share (0-1) of the batches' cells that is padding; None says nothing of it.

    Raises:
        RnnkitError: There is no text, or a length is below 0.

    Example:

    >>> lengths = np.array([120, 174, 640, 88])
    >>> length_histogram(lengths, 200, "lengths.png").name  # doctest: +SKIP
    'lengths.png'
    """
    lengths = np.asarray(lengths)
    if not lengths.size or lengths.min() < 0:
        raise RnnkitError(f"{lengths.size} lengths were given; expected at least one, none below 0.")
    edges = _bin_edges(lengths, max_length)
    counts, _ = np.histogram(lengths, edges)
    cut, beyond = (lengths > max_length).mean(), (lengths > edges[-1]).mean()
    facts = [f"{lengths.size:,} text" + "s" * (lengths.size > 1)]
    facts += [f"median {np.median(lengths):,.0f}", f"longest {lengths.max():,}"]
    facts += [] if padding is None else [f"{padding:.1%} padding"]
    figure = _figure()
    axes = figure.subplots()
    _style(axes, f"{unit} in a text", ", ".join(facts))
    axes.bar(edges[:-1], counts, np.diff(edges), align="edge", edgecolor="white", linewidth=0.6,
             color=np.where(edges[:-1] < max_length, BLUE, ORANGE))  # fmt: skip
    _legend(figure, {
        f"read whole: {1 - cut:.1%}": Patch(color=BLUE),
        f"cut at {max_length:,} {unit}: {cut:.1%}": Patch(color=ORANGE),
    })  # fmt: skip
    axes.set_xlabel(unit + (f" ({beyond:.1%} of the texts are longer than shown)" if beyond else ""))
    axes.set_ylabel("texts")
    axes.grid(axis="y", color=RULE, linewidth=0.8)
    axes.set_xlim(max(edges[0], -0.5), edges[-1])
    _round_ticks(axes.xaxis, whole=True)
    _round_ticks(axes.yaxis, whole=True)
    return _save(figure, path)


def _bin_edges(lengths: np.ndarray, max_length: int) -> np.ndarray:
    """About 50 equal bins, an edge right after `max_length`, ending before a few very long texts."""
    end, usual = float(lengths.max()), float(np.percentile(lengths, 99.5))
    if end > 1.5 * usual:
        end = max(usual, min(1.5 * max_length, end))
    width = max(1, round(end / 50))
    return np.arange(-0.5 - (-1 - max_length) % width, end + width, width)


def word_attribution(
    words: Sequence[str], scores: np.ndarray, label: str, probability: float, path: str | PathLike[str]
) -> Path:
    """The text with a colour behind each word: blue-green speaks for the predicted label, red against it.

    Of a long text it shows the `MAX_WORDS` words in a row that weigh most.

    Args:
        words: The words of one text.
        scores: What each adds to the label's log-odds, `[words]`, as from `explain.occlusion`.
        label: The predicted label.
        probability: Its probability, 0 to 1.
        path: The PNG to write.

    Raises:
        RnnkitError: There is no word, or not one finite score a word.

    Example:

    >>> scores = np.array([0.0, 3.0, -0.5])
    >>> word_attribution(["a", "great", "film"], scores, "positive", 0.97, "words.png").name  # doctest: +SKIP
    'words.png'
    """
    shares = strengths(words, scores)
    if not len(words):
        raise RnnkitError("There are no words to draw; give a text with at least one word.")
    first, last = _heaviest(shares, MAX_WORDS)
    pieces = [(_drawable(word, 30), "black", shade(share) if abs(share) >= FAINT else "white")
              for word, share in zip(words[first:last], shares[first:last], strict=True)]  # fmt: skip
    if first:
        pieces.insert(0, (f"… {first:,} more", MUTED, "white"))
    if last < len(words):
        pieces.append((f"{len(words) - last:,} more …", MUTED, "white"))
    placed, lines = _lay_out([text for text, _, _ in pieces], WIDTH * DPI - 2 * _MARGIN)
    figure = _figure((_HEADER + lines * _LINE + _FOOTER) / DPI, managed=False)
    top = figure.bbox.height - _HEADER
    for (text, ink, background), (x, line, width) in zip(pieces, placed, strict=True):
        y = top - (line + 1) * _LINE
        if background != "white":
            figure.add_artist(FancyBboxPatch(
                (_MARGIN + x - _PAD, y), width + 2 * _PAD, _LINE - 6, boxstyle="round,pad=0,rounding_size=6",
                facecolor=background, edgecolor="none", transform=IdentityTransform(),
            ))  # fmt: skip
        figure.add_artist(Text(_MARGIN + x, y + 10, text, fontsize=TITLE, color=ink, transform=IdentityTransform()))
    _attribution_legend(figure, _drawable(label, 40), probability, np.abs(scores).max())
    return _save(figure, path)


def _heaviest(shares: np.ndarray, size: int) -> tuple[int, int]:
    """Where the `size` words in a row begin and end whose absolute scores sum to the most."""
    if len(shares) <= size:
        return 0, len(shares)
    sums = np.concatenate([[0.0], np.cumsum(np.abs(shares))])
    first = int(np.argmax(np.round(sums[size:] - sums[:-size], 9)))
    return first, first + size


def _lay_out(texts: list[str], room: float) -> tuple[list[tuple[float, int, float]], int]:
    """Left edge, line and width in pixels of each piece of running text, and how many lines; from the right if RTL."""
    renderer = FigureCanvasAgg(_figure()).get_renderer()
    font = font_manager.FontProperties(family=_fonts(), size=TITLE)
    placed, x, line = [], 0.0, 0
    for text in texts:
        width = renderer.get_text_width_height_descent(text, font, ismath=False)[0]
        if x and x + width > room:
            x, line = 0.0, line + 1
        placed.append((x, line, width))
        x += width + 11
    if sum(unicodedata.bidirectional(text[0]) in ("R", "AL") for text in texts) > len(texts) / 2:
        placed = [(room - x - width, line, width) for x, line, width in placed]
    return placed, line + 1


def _attribution_legend(figure: Figure, label: str, probability: float, strongest: float) -> None:
    height = figure.bbox.height
    figure.text(_MARGIN / figure.bbox.width, 1 - 44 / height, f"Predicted ({probability:.1%}): {label}",
                fontsize=TITLE, fontweight="bold", color=INK)  # fmt: skip
    figure.text(_MARGIN / figure.bbox.width, 1 - 72 / height, "what each word adds to the log-odds of this label"
                if strongest else "no word alone makes a difference",
                fontsize=BODY, color=MUTED)  # fmt: skip
    axes = figure.add_axes((0.34, 44 / height, 0.32, 14 / height))
    bar = LinearSegmentedColormap.from_list("words", [shade(share) for share in (-1, 0, 1)])
    axes.imshow([np.linspace(-1, 1, 256)], aspect="auto", extent=(-1, 1, 0, 1), cmap=bar)
    axes.set_xticks([-1, 0, 1], [f"−{strongest:.2g}", "0", f"+{strongest:.2g}"] if strongest else ["", "0", ""])
    axes.set_yticks([])
    axes.tick_params(length=0, labelsize=SMALL, colors=INK)
    axes.spines[:].set_color(RULE)
    for x, side, text in ((-0.02, "right", "against"), (1.02, "left", "for this label")):
        axes.text(x, 0.5, text, transform=axes.transAxes, ha=side, va="center", fontsize=BODY, color=INK)


def _figure(height: float = HEIGHT, managed: bool = True) -> Figure:
    engine = ConstrainedLayoutEngine(w_pad=0.14, h_pad=0.1, wspace=0.04) if managed else None
    return Figure(figsize=(WIDTH, height), dpi=DPI, layout=engine, facecolor="white")


def _style(axes: Axes, title: str, subtitle: str) -> None:
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


def _round_ticks(axis: Axis, whole: bool = False) -> None:
    """At most 8 steps of 1, 2 or 5 times a power of ten, with as many decimals as the step has."""
    axis.set_major_locator(MaxNLocator(8, integer=whole, min_n_ticks=1, steps=[1, 2, 5, 10]))
    step = np.diff(axis.get_majorticklocs()).min(initial=np.inf)
    decimals = max(0, -int(np.floor(np.log10(step) + 1e-6))) if np.isfinite(step) else 0
    axis.set_major_formatter(lambda value, _: f"{value:,.{decimals}f}".replace("-", "−"))


def _legend(figure: Figure, meanings: dict[str, Artist]) -> None:
    figure.legend(list(meanings.values()), list(meanings), loc="outside lower center", ncols=len(meanings),
                  frameon=False, fontsize=BODY, labelcolor=INK)  # fmt: skip


def _save(figure: Figure, path: str | PathLike[str]) -> Path:
    """Writes the PNG whole or not at all, with our own fonts and every text taken literally."""
    for text in figure.findobj(Text):
        text.set(fontfamily=_fonts(), parse_math=False, usetex=False)
    picture = io.BytesIO()
    FigureCanvasAgg(figure).print_png(picture, metadata={"Software": None})
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{uuid.uuid4().hex}.writing")
    try:
        temporary.write_bytes(picture.getvalue())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    return path


@lru_cache
def _fonts() -> list[str]:
    return ["DejaVu Sans", *(name for name in _MORE_FONTS if name in font_manager.get_font_names())]


@lru_cache
def _characters() -> frozenset[int]:
    """The code points that our fonts can draw."""
    files = [font_manager.findfont(name) for name in _fonts()]
    return frozenset().union(*(font_manager.get_font(file).get_charmap() for file in files))


def _drawable(text: str, limit: int) -> str:
    """The text with what no font can draw spelled out, and its middle left out where it is longer than `limit`.

    Example:

    >>> _drawable("very good 👍", 40), _drawable("好", 40)
    ('very good ‹thumbs up sign›', 'U+597D')
    >>> _drawable("quarterly report of the north", 16)
    'quarterl…e north'
    """
    text = unicodedata.normalize("NFC", text if len(text) <= 2 * limit else text[:limit] + text[-limit:])
    pieces = [piece for piece in map(_drawable_character, text) if piece] or ["(blank)"]
    if sum(map(len, pieces)) <= limit:
        return "".join(pieces)
    while len(pieces) > 1 and sum(map(len, pieces)) >= limit:
        del pieces[len(pieces) // 2]
    return "".join([*pieces[: (len(pieces) + 1) // 2], "…", *pieces[(len(pieces) + 1) // 2 :]])


def _drawable_character(character: str) -> str:
    kind = unicodedata.category(character)
    if kind in ("Cf", "Mn") and not unicodedata.combining(character):
        return ""  # joiners, direction marks and variation selectors draw nothing by themselves
    if kind in ("Cc", "Zl", "Zp"):
        return " "
    if ord(character) in _characters():
        return character
    name = unicodedata.name(character, "").lower()
    return f"‹{name}›" if kind in ("So", "Sc") and 0 < len(name) <= 24 else f"U+{ord(character):04X}"
