"""The attention behind a captioner's words, and the plots of its Run."""

from pathlib import Path
from typing import Any

import numpy as np

from rnnkit.codec.normalise import MARK
from rnnkit.codec.pictures import as_picture
from rnnkit.errors import RnnkitError
from rnnkit.lite.answers.captions import CAPTION_MARKS
from rnnkit.tasks.base.examples import Splits
from rnnkit.tasks.image_captioner.preprocessing import plain_caption

_SHEET, _DRAWN = 12, 240  # pictures on a contact sheet, and their size in pixels


class ExplainedCaptions:
    """Plots of a captioner's attention; a part of `ImageCaptioner`."""

    options: Any
    pieces: Any
    network: Any
    encoder: Any
    encoder_learns: Any
    encode_inputs: Any
    predict: Any

    def attention(self, file: Any, caption: str | None = None) -> tuple[np.ndarray, list[str]]:
        """The decoder's attention weights `[words, regions]`, and the words, END included.

        Args:
            file: Name of a picture file.
            caption: A caption of it; by default the network's own.

        Raises:
            RnnkitError: The network has no attention.
        """
        if self.options.inject != "attention":
            raise RnnkitError("This captioner has no attention to show; train one with --inject attention.")
        from rnnkit.tasks.image_captioner.network import Captioning

        encoded = self.encode_inputs([file])
        caption = plain_caption(self.predict(file).text if caption is None else caption)
        seen = encoded.seen([0], False)
        captioning = Captioning(self.network, self.options.inject)
        states, memory = captioning.encode(self.encoder(seen) if self.encoder_learns else seen)
        words, last, weights = [*self.pieces.split(caption), "<END>"], CAPTION_MARKS.start, []
        for place in (*self.pieces.encode(caption).tolist(), CAPTION_MARKS.end):
            _, states, looked = captioning.step(np.array([last], np.int32), states, memory)
            weights.append(np.asarray(looked)[0])
            last = place
        return np.stack(weights), [word.replace(MARK, "") for word in words]

    def draw_explanation(self, file: Any, path: Path, **how: Any) -> None:
        """Draw `attention` for the network's own caption; `how` as for `predict`."""
        from rnnkit import plots

        weights, words = self.attention(file, self.predict(file, **how).text)
        plots.attention_over_picture(as_picture(file, _DRAWN), weights, words, path, " ".join(words[:-1]))

    def plot(self, folder: Path, parts: Splits, outputs: np.ndarray) -> None:
        from rnnkit import plots

        test: Any = parts.test
        rows = test.pictures[:: max(len(test.pictures) // _SHEET, 1)][:_SHEET]
        answers = dict(zip(test.pictures, outputs, strict=True))
        plots.caption_sheet(
            [as_picture(test.files[row], _DRAWN) for row in rows],
            [answers[row].text for row in rows],
            folder / "captions.png",
            [test.references[row][0] for row in rows],
            "Test pictures: the generated caption, and in grey one of the given ones",
        )
        if self.options.inject == "attention":
            self.draw_explanation(test.files[rows[0]], folder / "attention.png")
