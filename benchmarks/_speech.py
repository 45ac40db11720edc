"""What benchmarks of speech share: exported files, scored on the recordings that Keras was scored on."""

import time
from typing import Any

from rnnkit import lite
from rnnkit.errors import DisagreementError
from rnnkit.metrics.transcripts import transcript_scores


def exported(task: Any, encoded: Any) -> dict[str, Any]:
    """Size, word error rate and time of the files of a `SpeechRecognizer`, with one thread; or that one was refused, as
    it does not agree with Keras.

    Args:
        task: A fitted one, which has a Run.
        encoded: What `task.encode_rows` gave.
    """
    found: dict[str, Any] = {}
    seconds = len(encoded.inputs.flat) * task.hearing.seconds_a_frame
    for quantize in ("none", "dynamic"):
        try:
            done = task.export(quantize=quantize, rows=encoded.some(50), overwrite=True)
        except DisagreementError as error:  # nothing was written
            found[quantize] = {"refused": str(error)}
            continue
        runner = lite.load(done["path"])
        rows = task.exporter().rows(encoded)
        began = time.perf_counter()
        texts = [answer.text for answer in runner.predict(rows)]
        took = time.perf_counter() - began
        wer = transcript_scores(texts, encoded.texts)["wer"]
        found[quantize] = {"bytes": done["bytes"], "wer": wer, "share_of_real_time": round(took / seconds, 4)}
    return found
