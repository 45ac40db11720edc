"""Translation: a sentence in, a sentence of another language out."""
