"""Texts with any number of labels each: a text in, those of its labels out that apply."""
