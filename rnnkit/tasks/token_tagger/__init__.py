"""Token tagging (named entities): words in, a tag a word and the entities they make out."""
