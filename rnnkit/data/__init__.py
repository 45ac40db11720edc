"""Raw data to batches: tables, public data sets, tokenisers, vocabularies, splits and length buckets.

Nothing is imported here: `tokenizer`, `vocabulary` and `bucketing` need numpy alone, so an exported model can use
them on a device, while `tables`, `samples` and `tfds` load pandas or TensorFlow only when they are called.
"""
