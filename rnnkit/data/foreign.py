"""Files of other programs that hold no rows of text as they are, by name, with the command that makes them so."""

import os
import re
import shlex
from collections.abc import Callable
from pathlib import Path

from rnnkit.errors import RnnkitError

_TAG = r"<[A-Za-z][\w:.-]*(?:\s+[\w:.-]+\s*=\s*(?:\"[^\"]*\"|'[^']*'))*\s*>"  # with its attributes


def _docbin(path: Path) -> str:
    code = (
        "import json, spacy; from spacy.tokens import DocBin; "
        "[print(json.dumps(dict(text=doc.text, entities=[[e.start_char, e.end_char, e.label_] for e in doc.ents], "
        f"cats=doc.cats))) for doc in DocBin().from_disk({str(path)!r}).get_docs(spacy.blank('xx').vocab)]"
    )
    return f"spaCy's DocBin. Write it as JSONL: {command_of(code)} > {_beside(path, '.jsonl')}"


def _arrow(path: Path, opened: str) -> str:
    made = str(path.with_suffix(".parquet"))
    code = (
        "import pyarrow.ipc, pyarrow.parquet; "
        f"pyarrow.parquet.write_table(pyarrow.ipc.{opened}({str(path)!r}).read_all(), {made!r})"
    )
    return f"an Arrow file. Write it as Parquet: {command_of(code)}"


def _xml(path: Path) -> str:
    made = str(path.with_suffix(".csv"))
    code = f"import pandas; pandas.read_xml({str(path)!r}, parser='etree').to_csv({made!r}, index=False)"
    return (
        "XML. Have the program that made it save CSV or JSONL; where each row is one element, this writes a table: "
        f"{command_of(code)}"
    )


def _fasttext(path: Path) -> str:
    code = (
        r"import re; print('label\ttext'); [print(';'.join(re.findall(r'__label__(\S+)', line)), "
        rf"re.sub(r'__label__\S+\s*', '', line).strip(), sep='\t') for line in open({str(path)!r}, encoding='utf-8')]"
    )
    return f"in fastText's form, with __label__ before the text. Write it as a table: {command_of(code)} > " + _beside(
        path, ".tsv"
    )


def _arff(path: Path) -> str:
    command = f"sed '1,/^@data/Id' {shlex.quote(str(path))} > {_beside(path, '.csv')}"
    return f"Weka's ARFF. Keep its rows alone, whose columns are then given by number: {command}"


def _webanno(path: Path) -> str:
    return "WebAnno's and INCEpTION's own TSV. Export it from there as CoNLL 2003 or CoNLL 2012."


def _page(path: Path) -> str:
    return "a web page (HTML), not a table. Save what is in it as CSV or JSONL."


#: How each kind begins, and what is said of it.
_BYTES: tuple[tuple[bytes, Callable[[Path], str]], ...] = (
    (b"ARROW1\x00\x00", lambda path: _arrow(path, "open_file")),
    (b"\xff\xff\xff\xff", lambda path: _arrow(path, "open_stream")),
)
_TEXTS: tuple[tuple[re.Pattern[str], Callable[[Path], str]], ...] = (
    (re.compile(r"(?i)<!doctype html|<html[\s>]"), _page),
    (re.compile(rf"<\?xml\s|<!DOCTYPE\s|<TEI[\s>]|{_TAG}[ \t]*\r?\n\s*<\w"), _xml),
    (re.compile(r"(?i)@relation\s"), _arff),
    (re.compile(r"#FORMAT=WebAnno TSV"), _webanno),
    (re.compile(r"__label__\S"), _fasttext),
)


def refuse_foreign(path: Path, head: bytes, any_text: bool = False) -> None:
    """Refuse a file of another program.

    Args:
        path: The file.
        head: Its first bytes.
        any_text: It is read as running text, which XML may be.

    Raises:
        RnnkitError: It is such a file; says how to make a table of it.

    Example:

    >>> refuse_foreign(Path("a.csv"), b"text,label\\n")
    """
    about = next((said for first, said in _BYTES if head.startswith(first)), None)
    if path.name.lower().endswith(".spacy"):
        about = _docbin
    if about is None and not any_text:
        wide = head[:2] in (b"\xff\xfe", b"\xfe\xff")
        text = head.decode("utf-16" if wide else "utf-8", "replace").lstrip("\ufeff \t\r\n")
        about = next((said for pattern, said in _TEXTS if pattern.match(text)), None)
    if about is not None:
        raise RnnkitError(f"{path.name} is {about(path)}")


def refuse_foreign_folder(folder: Path) -> None:
    """Refuse a folder that Hugging Face's `datasets` saved.

    Raises:
        RnnkitError: It is one; says how to make Parquet of it.
    """
    there, source, made = os.listdir(folder), str(folder), f"{folder}_parquet"
    if "dataset_dict.json" in there:
        code = (
            f"import os, datasets; os.makedirs({made!r}); [part.to_parquet(os.path.join({made!r}, name + '.parquet')) "
            f"for name, part in datasets.load_from_disk({source!r}).items()]"
        )
    elif "dataset_info.json" in there and any(name.endswith(".arrow") for name in there):
        code = f"import datasets; datasets.load_from_disk({source!r}).to_parquet({f'{folder}.parquet'!r})"
    else:
        return
    raise RnnkitError(
        f"{folder} is a data set saved by Hugging Face's datasets. Write it as Parquet: {command_of(code)}"
    )


def command_of(code: str) -> str:
    """A program in Python as a command.

    Example:

    >>> print(command_of("print('a')"))
    python -c "print('a')"
    """
    plain = not re.search(r"[\"$`!]|\\\\", code)
    return f'python -c "{code}"' if plain else f"python -c {shlex.quote(code)}"


def _beside(path: Path, ending: str) -> str:
    return shlex.quote(str(path.with_suffix(ending)))
