"""Run folders written by hand, for what reads Runs without loading them."""

import json
from pathlib import Path
from typing import Any


def write_run(folder: Path, task: str = "text_classifier", *, reading: Any = None, **results: Any) -> Path:
    """A Run without a model: `config.json`, `metrics.json`, `history.csv` and a picture."""
    folder.mkdir(parents=True)
    options = results.pop("options", {"cell": "gru", "units": 7})
    config = {"format": 1, "task": task, "options": options, **({"reading": reading} if reading else {})}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    metrics = {
        "test": {"accuracy": 0.87, "rows": 100, "confusion": [[1]]},
        "data": {"name": "mine.csv", "sha256": "0", "train": 800, "validation": 100, "test": 100},
        "epochs": 3,
        "best_epoch": 2,
        "seconds": 90.0,
        "parameters": 1234,
        "trained": "2026-11-20T10:00:00+00:00",
        **results,
    }
    (folder / "metrics.json").write_text(json.dumps(metrics), encoding="utf-8")
    lines = ["epoch,loss,val_loss,accuracy,val_accuracy", "1,0.7,0.6,0.5,0.6", "2,0.5,0.4,0.8,0.87"]
    (folder / "history.csv").write_text("\n".join(lines) + "\n")
    (folder / "plots").mkdir()
    (folder / "plots" / "learning_curves.png").write_bytes(b"a" * 2000)
    return folder


def content(folder: Path) -> dict[str, bytes]:
    """All files under a folder and what is in them."""
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
