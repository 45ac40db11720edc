"""Pictures of a Run: learning curves, confusions, lengths, scores, labelled trees, sequences, forecasts, attention,
captions, alignments of speech, words behind an answer, how far probabilities hold, cells by score and time.

Drawn with matplotlib's objects alone, never with pyplot, so nothing global changes, it works in threads and no figure
stays open. Each function writes one PNG under a temporary name, renames it when whole, and returns its path.
matplotlib is imported when the first is asked for.
"""

from typing import TYPE_CHECKING

from rnnkit.registry import lazy_names

if TYPE_CHECKING:
    from rnnkit.plots.alignment import Said as Said
    from rnnkit.plots.alignment import alignment_over_spectrogram as alignment_over_spectrogram
    from rnnkit.plots.attention import attention_map as attention_map
    from rnnkit.plots.captions import attention_over_picture as attention_over_picture
    from rnnkit.plots.captions import caption_sheet as caption_sheet
    from rnnkit.plots.certainty import precision_coverage as precision_coverage
    from rnnkit.plots.certainty import reliability as reliability
    from rnnkit.plots.comparison import comparison_curves as comparison_curves
    from rnnkit.plots.confusion import confusion_matrix as confusion_matrix
    from rnnkit.plots.curves import learning_curves as learning_curves
    from rnnkit.plots.detection import detection_curve as detection_curve
    from rnnkit.plots.flow import gradient_flow as gradient_flow
    from rnnkit.plots.folds import fold_figure as fold_figure
    from rnnkit.plots.forecasts import fan_chart as fan_chart
    from rnnkit.plots.lengths import length_histogram as length_histogram
    from rnnkit.plots.precision_recall import precision_recall_curves as precision_recall_curves
    from rnnkit.plots.scores_by_length import score_by_length as score_by_length
    from rnnkit.plots.scores_by_type import type_scores as type_scores
    from rnnkit.plots.sequences import sequence_examples as sequence_examples
    from rnnkit.plots.sequences import sequence_saliency as sequence_saliency
    from rnnkit.plots.sounds import sound_saliency as sound_saliency
    from rnnkit.plots.tradeoff import Tradeoff as Tradeoff
    from rnnkit.plots.tradeoff import tradeoff_figure as tradeoff_figure
    from rnnkit.plots.transitions import transition_matrix as transition_matrix
    from rnnkit.plots.tree import tree_labels as tree_labels
    from rnnkit.plots.tuning import Reached as Reached
    from rnnkit.plots.tuning import Tried as Tried
    from rnnkit.plots.tuning import search_front as search_front
    from rnnkit.plots.tuning import search_history as search_history
    from rnnkit.plots.tuning import search_importance as search_importance
    from rnnkit.plots.words import word_attribution as word_attribution

_LAZY = {
    "Reached": "rnnkit.plots.tuning",
    "Said": "rnnkit.plots.alignment",
    "Tradeoff": "rnnkit.plots.tradeoff",
    "Tried": "rnnkit.plots.tuning",
    "alignment_over_spectrogram": "rnnkit.plots.alignment",
    "attention_map": "rnnkit.plots.attention",
    "attention_over_picture": "rnnkit.plots.captions",
    "caption_sheet": "rnnkit.plots.captions",
    "comparison_curves": "rnnkit.plots.comparison",
    "confusion_matrix": "rnnkit.plots.confusion",
    "learning_curves": "rnnkit.plots.curves",
    "detection_curve": "rnnkit.plots.detection",
    "fan_chart": "rnnkit.plots.forecasts",
    "fold_figure": "rnnkit.plots.folds",
    "gradient_flow": "rnnkit.plots.flow",
    "length_histogram": "rnnkit.plots.lengths",
    "precision_coverage": "rnnkit.plots.certainty",
    "precision_recall_curves": "rnnkit.plots.precision_recall",
    "reliability": "rnnkit.plots.certainty",
    "score_by_length": "rnnkit.plots.scores_by_length",
    "search_front": "rnnkit.plots.tuning",
    "search_history": "rnnkit.plots.tuning",
    "search_importance": "rnnkit.plots.tuning",
    "sequence_examples": "rnnkit.plots.sequences",
    "sequence_saliency": "rnnkit.plots.sequences",
    "sound_saliency": "rnnkit.plots.sounds",
    "tradeoff_figure": "rnnkit.plots.tradeoff",
    "transition_matrix": "rnnkit.plots.transitions",
    "tree_labels": "rnnkit.plots.tree",
    "type_scores": "rnnkit.plots.scores_by_type",
    "word_attribution": "rnnkit.plots.words",
}
__all__ = list(_LAZY)  # noqa: PLE0605
__getattr__, __dir__ = lazy_names(__name__, _LAZY)
