"""Records a benchmark's result as JSON, with the versions, machine, date and seed it was measured with."""

import json
import os
import platform
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"


def record(name: str, result: Any, *, seed: int | list[int], packages: tuple[str, ...] = ()) -> Path:
    """Writes `results/NAME.json`, whole or not at all.

    Args:
        name: The benchmark's name, as its script is called.
        result: What was measured.
        seed: The seed or seeds.
        packages: Further packages whose versions matter, such as the peers.
    """
    versions = {"python": platform.python_version()}
    for package in ("tensorflow", "keras", "ai-edge-litert", "numpy", *packages):
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            versions[package] = "not installed"
    machine = {"processor": processor(), "cores": os.cpu_count(), "system": platform.system()}
    content = {
        "benchmark": name,
        "date": date.today().isoformat(),
        "seed": seed,
        "machine": machine,
        "versions": versions,
        "result": result,
    }
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    unfinished = path.with_suffix(".writing")
    unfinished.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    os.replace(unfinished, path)
    return path


def processor() -> str:
    """The processor's name."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor()
