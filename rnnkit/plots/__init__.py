"""Pictures of a Run: learning curves, confusion matrix, text lengths, and the words behind one prediction.

Drawn with matplotlib's objects alone, never with pyplot, so nothing global changes, it works in threads and no figure
stays open. Each function writes one PNG under a temporary name, renames it when whole, and returns its path.
"""

from rnnkit.plots.confusion import confusion_matrix
from rnnkit.plots.curves import learning_curves
from rnnkit.plots.lengths import length_histogram
from rnnkit.plots.words import word_attribution

__all__ = ["confusion_matrix", "learning_curves", "length_histogram", "word_attribution"]
