"""LiteRT behind a pipe: a model's signatures, then for each line of inputs a line of outputs, in JSON."""

import json
import sys
from pathlib import Path

import numpy as np

from rnnkit.lite.interpreter import open_model

if __name__ == "__main__":
    model = open_model(Path(sys.argv[1]).read_bytes())
    print(json.dumps(list(model.get_signature_list())), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        inputs = {name: np.array(value, np.int32) for name, value in asked["inputs"].items()}
        made = model.get_signature_runner(asked["signature"])(**inputs)
        print(json.dumps({name: value.tolist() for name, value in made.items()}), flush=True)
