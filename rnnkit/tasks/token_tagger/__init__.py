"""Token tagging (named entities): words in, a tag per word and the resulting entities out."""
