"""Real bombs, each read by a process of its own: refused in a line, at once, and in little memory."""

import gzip
import subprocess
import sys

import pytest

_READ = """
import re, sys
from pathlib import Path
from rnnkit.tasks.token_tagger.conll import read_column_file
from rnnkit.data.embeddings import read_word_vectors
from rnnkit.data.survey import survey
from rnnkit.data.tables import Table
from rnnkit.tasks.language_model.sample import read_text
from rnnkit.tasks.tree_classifier.files import read_trees
from rnnkit.errors import RnnkitError
path = Path(sys.argv[1])
readers = {".txt": read_text, ".csv": lambda path: survey(Table(path)), ".jsonl": Table, ".vec": read_word_vectors,
           ".conll": read_column_file, ".trees": read_trees}
try:
    readers["." + path.name.split(".")[1]](path)
except RnnkitError as error:
    print(error)
    print(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
@pytest.mark.parametrize(
    ("name", "head", "unit", "times"),
    [
        ("line.txt.gz", b"", b"a", 32),
        ("rows.csv.gz", b"text,label\n", b"good,1\n", 7),
        ("numbers.vec.gz", b"w ", b"1 ", 80),
        ("vectors.vec.gz", b"", b"w 1 2\n", 32),
        ("tags.conll.gz", b"", b"w O\n", 32),
        ("open.trees", b"", b"(\n", 4),
        ("sparse.csv", b"text,label\n", None, 5),
        ("sparse.jsonl", b"{", None, 5),
        ("sparse.vec", b"w ", None, 5),
        ("sparse.txt", b"w ", None, 40),
    ],
)  # fmt: skip
def test_bombs(tmp_path, name, head, unit, times):
    path = tmp_path / name
    with open(path, "wb") as file:
        if unit is None:
            file.write(head)
            file.truncate(times * 2**30)
        else:
            pack = gzip.compress if name.endswith("gz") else bytes
            block = pack(unit * (2**26 // len(unit)))
            file.write(pack(head) if head else b"")
            for _ in range(times):
                file.write(block)
    ran = subprocess.run([sys.executable, "-c", _READ, str(path)], capture_output=True, text=True, timeout=60)
    said, kilobytes = ran.stdout.splitlines()
    assert name in said and int(kilobytes) < 2**20
