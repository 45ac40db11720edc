"""Language modelling over characters, subwords or words, and text generation."""
