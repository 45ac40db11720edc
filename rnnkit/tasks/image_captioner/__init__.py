"""Image captioning: a picture in, a sentence out."""
