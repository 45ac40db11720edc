"""Batches of trees."""

from collections.abc import Iterator

from rnnkit.data.batches import WHOLE, Batch, Batches, Part


class TreeBatches(Batches):
    """Batches of trees of like sizes; a part knows the batch that it is of, as its roots are weighed by that."""

    def shuffled(self, epoch: int, part: Part = WHOLE) -> Iterator[Batch | None]:
        for indices in self.buckets.epoch(epoch):
            rows = part.of_rows(indices)
            yield self.collate(rows, indices) if len(rows) else None
