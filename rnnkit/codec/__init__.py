"""Codecs shared by training, phone and browser: text, tags, trees, tunes and pictures to numbers and back.

NumPy, Pillow and the standard library only; nothing is imported here. The JavaScript twins stand in `web/`.
"""
