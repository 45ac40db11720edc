"""Classification of sounds: key words and noises in, a label for each recording or a decision on a stream out."""
