"""The cluster that TF_CONFIG describes: which workers train together, and which of them this process is."""

import json
import os
from dataclasses import dataclass
from typing import Any

from rnnkit.errors import RnnkitError

VARIABLE = "TF_CONFIG"
_EXAMPLE = '{"cluster": {"worker": ["10.0.0.1:2222", "10.0.0.2:2222"]}, "task": {"type": "worker", "index": 0}}'
_KINDS = ("chief", "worker")


@dataclass(frozen=True)
class Cluster:
    """Workers that train one network together.

    Args:
        addresses: Of all workers, host:port; the first is the chief, which writes the Run.
        number: Which of them this process is, from 0.

    Example:

    >>> Cluster(("10.0.0.1:2222", "10.0.0.2:2222"), 1).name
    'worker 1 of 2 (10.0.0.2:2222)'
    """

    addresses: tuple[str, ...]
    number: int

    @property
    def is_chief(self) -> bool:
        """Whether this process writes the Run."""
        return self.number == 0

    @property
    def name(self) -> str:
        """This worker, counted from 0, for people."""
        return f"worker {self.number} of {len(self.addresses)} ({self.addresses[self.number]})"


def cluster_of(text: str | None) -> Cluster | None:
    """The cluster of a TF_CONFIG; None where it is not set, or names one worker alone.

    Args:
        text: The variable's content, JSON as TensorFlow documents it.

    Raises:
        RnnkitError: It is something else, or names roles other than chief and worker.

    Example:

    >>> cluster_of('{"cluster": {"worker": ["a:1", "b:1"]}, "task": {"type": "worker", "index": 1}}')
    Cluster(addresses=('a:1', 'b:1'), number=1)
    >>> cluster_of('{"cluster": {"chief": ["a:1"], "worker": ["b:1"]}, "task": {"type": "chief", "index": 0}}').number
    0
    """
    if not (text or "").strip():
        return None
    try:
        groups, kind, index = _parsed(text or "")
    except (ValueError, TypeError, KeyError, AttributeError):
        raise RnnkitError(f"{VARIABLE} is {text!r:.200}; expected JSON such as {_EXAMPLE}.") from None
    if others := sorted({*groups, kind} - {*_KINDS, ""}):
        raise RnnkitError(
            f"{VARIABLE} names {others[0]!r:.40}; rnnkit trains with chief and worker alone, such as {_EXAMPLE}."
        )
    addresses = tuple(address for each in _KINDS for address in groups.get(each, []))
    if not addresses:
        return None
    if type(index) is not int or not 0 <= index < len(groups.get(kind, [])):
        raise RnnkitError(f"{VARIABLE} says index {index!r:.20} of {len(groups.get(kind, []))} of type {kind!r}.")
    if len(set(addresses)) < len(addresses):
        raise RnnkitError(f"{VARIABLE} names an address twice: {', '.join(addresses)}; each worker has its own.")
    before = len(groups.get("chief", [])) if kind == "worker" else 0
    return Cluster(addresses, before + index) if len(addresses) > 1 else None


def _parsed(text: str) -> tuple[dict[str, list[str]], str, Any]:
    """The addresses by role, and role and index of this process; nothing of both where there is neither.

    Raises:
        ValueError: It has another form; so do TypeError, KeyError and AttributeError.
    """
    content = json.loads(text)
    groups, task = content.get("cluster", {}), content.get("task", {})
    if not groups and not task:
        return {}, "", 0
    for addresses in groups.values():
        if not isinstance(addresses, list) or not all(isinstance(each, str) and ":" in each for each in addresses):
            raise ValueError
    if len(groups.get("chief", [])) > 1 or not isinstance(task["type"], str):
        raise ValueError
    return groups, task["type"], task["index"]


def own_cluster() -> Cluster | None:
    """The cluster that this process belongs to.

    Raises:
        RnnkitError: As `cluster_of`.
    """
    return cluster_of(os.environ.get(VARIABLE))


def writes_runs() -> bool:
    """Whether this process writes the Runs that it trains: it is no worker, or the first."""
    cluster = own_cluster()
    return cluster is None or cluster.is_chief


def refuse_cluster(what: str) -> None:
    """Refuse to do on the workers of a cluster what one machine does.

    Args:
        what: The beginning of a sentence.

    Raises:
        RnnkitError: TF_CONFIG names several workers.
    """
    if own_cluster() is not None:
        raise RnnkitError(f"{what} runs on one machine; unset {VARIABLE}.")
