"""Pictures of a Run: learning curves, confusions, lengths, scores, labelled trees, attention, captions, words behind
an answer.

Drawn with matplotlib's objects alone, never with pyplot, so nothing global changes, it works in threads and no figure
stays open. Each function writes one PNG under a temporary name, renames it when whole, and returns its path.
"""

from rnnkit.plots.attention import attention_map
from rnnkit.plots.captions import attention_over_picture, caption_sheet
from rnnkit.plots.confusion import confusion_matrix
from rnnkit.plots.curves import learning_curves
from rnnkit.plots.flow import gradient_flow
from rnnkit.plots.lengths import length_histogram
from rnnkit.plots.score_by_length import score_by_length
from rnnkit.plots.transitions import transition_matrix
from rnnkit.plots.tree import tree_labels
from rnnkit.plots.type_scores import type_scores
from rnnkit.plots.words import word_attribution

__all__ = [
    "attention_map",
    "attention_over_picture",
    "caption_sheet",
    "confusion_matrix",
    "gradient_flow",
    "learning_curves",
    "length_histogram",
    "score_by_length",
    "transition_matrix",
    "tree_labels",
    "type_scores",
    "word_attribution",
]
