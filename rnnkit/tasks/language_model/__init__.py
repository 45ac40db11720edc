"""Language modelling over characters or words: the next one, and so whole texts."""
