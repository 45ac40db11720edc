"""From pictures to numbers: image encoders by name.

Nothing is imported here; `encoders` loads Keras when it is imported.
"""
