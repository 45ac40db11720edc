"""Files of all makes by a seeded generator that knows what is in them."""

import random

from data import made_tables, made_tagged
from data.made_parts import WORDS, MadeFile

KINDS = [
    *(made_tables.make_table, made_tables.make_table, made_tables.make_table),
    *(made_tables.make_json, made_tables.make_parquet, made_tables.make_pairs),
    *(made_tagged.make_columns, made_tagged.make_universal, made_tagged.make_places, made_tagged.make_lists),
]


def made_file(seed: int) -> MadeFile:
    """The file of a seed."""
    rng = random.Random(seed)
    kind = rng.choice(KINDS)
    script = rng.choice(list(WORDS))
    made = kind(rng, script)
    return made._replace(about=f"seed {seed}: {kind.__name__} {script} {made.name} {made.about}")
