"""One file per task a bundle can hold: `text_classifier.py` has the class `TextClassifier(bundle, num_threads)`."""
