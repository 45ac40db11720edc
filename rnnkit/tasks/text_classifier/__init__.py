"""Text classification: a text in, a label and its probability out."""
