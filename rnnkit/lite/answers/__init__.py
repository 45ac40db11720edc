"""Answers of exported models, shared with the tasks in Keras."""
