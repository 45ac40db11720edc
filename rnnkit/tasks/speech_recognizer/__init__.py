"""Speech recognition: sounds in, words out."""
