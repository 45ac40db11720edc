"""Tagged sentences as a page and in the terminal: what is written, where the colours are, what is refused."""

import io
import re
from html.parser import HTMLParser
from itertools import combinations
from xml.etree import ElementTree

import numpy as np
import pytest

from rnnkit.errors import RnnkitError
from rnnkit.lite.answers.entities import Entity, TaggedPrediction, prediction_of, tokens_of
from rnnkit.plots import entities as markup
from rnnkit.plots.entities import INK, PALETTE, entities_html, highlighted, type_colours


def tagged(text: str, *entities: tuple[int, int, str]) -> TaggedPrediction:
    found = tuple(Entity(text[start:end], kind, start, end) for start, end, kind in entities)
    return TaggedPrediction(text, (), (), found)


BONN = tagged("Ann Lee went to Bonn.", (0, 7, "PER"), (16, 20, "LOC"))
NASTY = tagged('<script>alert("1")</script> & \x1b[31m\x00 \udce9', (0, 8, "A<B>&\"'"), (28, 29, "\x07{x}"))


class Page(HTMLParser):
    """Reads a page back: its tags, and the sentences as (text, type) pieces."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.sentences: list[list[tuple[str, str]]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag != "meta":
            self.open.append(tag)
        if tag == "p":
            self.sentences.append([])

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "p" not in self.open:
            return
        if self.open[-1] == "small":
            self.sentences[-1][-1] = (self.sentences[-1][-1][0], data)
        else:
            self.sentences[-1].append((data, ""))


def test_a_page_holds_the_sentences_and_their_types() -> None:
    page = Page(entities_html([BONN, tagged("none here"), tagged("")], "Two & more"))
    assert page.sentences == [
        [("Ann Lee", "PER"), (" went to ", ""), ("Bonn", "LOC"), (".", "")],
        [("none here", "")],
        [],
    ]
    assert not page.open


def test_one_prediction_is_a_page_of_one_sentence() -> None:
    assert entities_html(BONN) == entities_html([BONN]) == entities_html(iter([BONN]))
    assert "<title>Named entities</title>" in entities_html(BONN)
    assert "There is no sentence." in entities_html([])


def test_the_legend_counts_each_type_and_has_its_colour() -> None:
    page = entities_html([BONN, BONN, tagged("Rome", (0, 4, "LOC"))])
    legend = re.findall(r'<li><mark class="(t\d+)">(.*?)</mark> (\d+)</li>', page)
    assert [(kind, count) for _, kind, count in legend] == [("LOC", "3"), ("PER", "2")]
    colours = type_colours(["LOC", "PER"])
    for name, kind, _ in legend:
        assert f".{name} {{ background: {colours[kind]}; }}" in page
        assert page.count(f'<mark class="{name}">') == 1 + {"LOC": 3, "PER": 2}[kind]


def test_a_page_needs_nothing_else_and_text_stays_text() -> None:
    written = entities_html([NASTY, BONN], "<img src=x> & {colours} \udce9")
    page = Page(written)
    assert set(page.tags) == {"html", "head", "meta", "title", "style", "body", "h1", "ul", "li", "mark", "small", "p"}
    assert {name for name, _ in page.attributes} <= {"charset", "name", "content", "http-equiv", "class", "dir"}
    assert "url(" not in written and "@import" not in written and "://" not in written
    assert page.sentences[0][0] == ("<script>", "A<B>&\"'")
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", written) and written.encode("utf-8")
    body = re.sub(r"<meta [^>]*>|<!doctype html>", "", written)
    ElementTree.fromstring(body)  # nested and escaped as XML asks, which is stricter


def test_a_page_keeps_lines_and_is_readable_in_the_dark() -> None:
    written = entities_html(tagged("one\ntwo\tthree"))
    assert "one\ntwo\tthree" in written and "pre-wrap" in written
    assert "prefers-color-scheme: dark" in written
    for ink, page in re.findall(r"--page: (#\w+); --ink: (#\w+)", written):
        assert contrast(ink, page) > 12


def light(colour: str) -> np.ndarray:
    parts = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """WCAG 2.1's contrast ratio."""
    dark, bright = sorted(float(light(colour) @ (0.2126, 0.7152, 0.0722)) for colour in (one, other))
    return (bright + 0.05) / (dark + 0.05)


def lab(colour: str) -> np.ndarray:
    """CIE L*a*b* under D65."""
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ light(colour)
    ratio = xyz / np.array([0.9505, 1.0, 1.089])
    f = np.where(ratio > 216 / 24389, np.cbrt(ratio), (24389 / 27 * ratio + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def test_colours_can_be_read_and_told_apart() -> None:
    assert len(set(PALETTE)) == 12
    assert min(contrast(INK, colour) for colour in PALETTE) > 7  # WCAG's AAA
    assert min(np.linalg.norm(lab(one) - lab(other)) for one, other in combinations(PALETTE, 2)) > 13


@pytest.mark.parametrize("types", [["PER", "LOC", "ORG", "MISC"], ["PERSON", "ORG", "GPE", "DATE", "CARDINAL", "NORP"],
                                   [f"T{at}" for at in range(12)]])  # fmt: skip
def test_types_have_colours_of_their_own(types: list[str]) -> None:
    colours = type_colours(types)
    assert len(set(colours.values())) == len(types)
    assert type_colours(reversed(types)) == colours


def test_the_usual_types_have_the_same_colour_whatever_is_beside_them() -> None:
    usual = ["PER", "LOC", "ORG", "MISC"]
    assert all(type_colours([kind])[kind] == colour for kind, colour in type_colours(usual).items())


def test_colours_repeat_evenly_when_there_are_many_types() -> None:
    used = list(type_colours(f"T{at}" for at in range(30)).values())
    assert {used.count(colour) for colour in PALETTE} <= {2, 3}
    assert type_colours(["\ud800"])


def test_in_the_terminal_entities_have_their_colours() -> None:
    pytest.importorskip("rich", reason="the terminal's colours are rich's")
    text = highlighted(BONN)
    assert text.plain == "[Ann Lee PER] went to [Bonn LOC]."
    colours = type_colours(["LOC", "PER"])
    styles = [(text.plain[span.start : span.end], str(span.style)) for span in text.spans]
    assert styles == [
        (piece, style)
        for words, kind in (("Ann Lee", "PER"), ("Bonn", "LOC"))
        for hidden in [f"{colours[kind]} on {colours[kind]}"]
        for piece, style in (
            ("[", hidden), (words, f"{INK} on {colours[kind]}"), (f" {kind}", f"bold {INK} on {colours[kind]}"),
            ("]", hidden),
        )
    ]  # fmt: skip
    assert highlighted(tagged("none")).spans == [] and highlighted(tagged("")).plain == ""


def test_in_a_file_the_brackets_are_seen() -> None:
    console = pytest.importorskip("rich.console", reason="the terminal's colours are rich's")
    out = io.StringIO()
    console.Console(file=out, color_system=None).print(highlighted(BONN))
    assert out.getvalue() == "[Ann Lee PER] went to [Bonn LOC].\n"


def test_the_terminal_gets_one_line_without_control_characters() -> None:
    pytest.importorskip("rich", reason="the terminal's colours are rich's")
    plain = highlighted(tagged("a\nb\t\x1b[31mc \r\x00\udce9 [red]d[/red]", (0, 1, "X\x1b"))).plain
    assert plain == "[a X ] b  [31mc   \ufffd [red]d[/red]"


def test_types_of_other_sentences_keep_colours_apart() -> None:
    pytest.importorskip("rich", reason="the terminal's colours are rich's")
    same = [kind for kind in map(str, range(100)) if type_colours([kind])[kind] == type_colours(["PER"])["PER"]][:1]
    together = type_colours(["PER", *same])
    assert len(set(together.values())) == 2
    assert together["PER"] in str(highlighted(BONN, same).spans[0].style)


def test_offsets_not_words_decide() -> None:
    answer = prediction_of("Ann Ann.", tokens_of("Ann Ann."), ["O", "B-PER", "O"])
    assert Page(entities_html(answer)).sentences == [[("Ann ", ""), ("Ann", "PER"), (".", "")]]
    backwards = TaggedPrediction(BONN.text, (), (), BONN.entities[::-1])
    assert entities_html(backwards) == entities_html(BONN)


@pytest.mark.parametrize("entities", [
    [(0, 7, "PER"), (4, 8, "LOC")], [(16, 99, "LOC")], [(-3, 2, "LOC")], [(5, 5, "LOC")], [(6, 4, "LOC")],
])  # fmt: skip
@pytest.mark.parametrize("function", [entities_html, highlighted])
def test_entities_that_cannot_be_are_refused(function, entities: list[tuple[int, int, str]]) -> None:
    with pytest.raises(RnnkitError, match="where no other entity is"):
        function(tagged(BONN.text, *entities))


@pytest.mark.parametrize("given", [["Ann"], [None], "Ann"])
def test_what_is_no_tagged_sentence_is_refused(given) -> None:
    with pytest.raises(RnnkitError, match="is no tagged sentence"):
        entities_html(given)
    with pytest.raises(RnnkitError, match="is no tagged sentence"):
        highlighted(given)


def test_the_module_is_light() -> None:
    assert not {"rich", "typer", "keras"} & set(vars(markup))
