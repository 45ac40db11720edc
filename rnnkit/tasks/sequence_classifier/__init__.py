"""Classification of sequences of numbers: sensors, gestures and skeletons in, a label for each or for every step."""
