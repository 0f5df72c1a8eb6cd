"""Images in WebDataset's shards: .tar files that are read from front to back."""

from __future__ import annotations

import io
import itertools
import random
from collections.abc import Iterator
from typing import Any

import torch

from ._data import PICTURES, Batch, decoded, steps_of
from ._settings import Settings

_KINDS = tuple(suffix[1:] for suffix in PICTURES)
_BUFFER = 2000  # samples from which the next one is drawn


class Shards:
    """The batches of an epoch, from shards such as `train-{000..099}.tar`: .jpg or .png, and .cls for labels.

    Every process reads all shards in the same order, and decodes its own part of each batch alone. So the order does
    not depend on the number of processes, and no process runs out of images before the others.
    """

    def __init__(self, pattern: str, size: tuple[int, int], channels: int, settings: Settings) -> None:
        try:
            import webdataset
        except ImportError as error:
            raise ValueError("shards need the package webdataset: pip install webdataset") from error
        self._library = webdataset
        self._shards = list(webdataset.shardlists.expand_urls(pattern))
        self._size, self._channels, self._settings = size, channels, settings
        self.steps = steps_of(sum(1 for _ in self._samples(self._shards)), settings)

    def epoch(self, number: int, first: int, part: slice) -> Iterator[Batch]:
        """This process's part of each batch, from step `first` on."""
        source = random.Random(self._settings.seed * 1_000_003 + number)
        shards = source.sample(self._shards, len(self._shards))
        samples = self._drawn(self._samples(shards), source)
        for step in range(self.steps):
            batch = list(itertools.islice(samples, self._settings.batch))
            if step >= first:
                yield self._decoded(batch[part])

    def _samples(self, shards: list[str]) -> Iterator[dict[str, Any]]:
        loaded = self._library.WebDataset(
            shards, shardshuffle=False, nodesplitter=None, workersplitter=None, empty_check=False
        )
        for sample in loaded:
            if any(kind in sample for kind in _KINDS):
                yield sample

    @staticmethod
    def _drawn(samples: Iterator[dict[str, Any]], source: random.Random) -> Iterator[dict[str, Any]]:
        """The samples in an order drawn from a buffer."""
        buffer = list(itertools.islice(samples, _BUFFER))
        for sample in samples:
            place = source.randrange(len(buffer))
            yield buffer[place]
            buffer[place] = sample
        source.shuffle(buffer)
        yield from buffer

    def _decoded(self, samples: list[dict[str, Any]]) -> Batch:
        pictures = [next(sample[kind] for kind in _KINDS if kind in sample) for sample in samples]
        images = torch.stack([decoded(io.BytesIO(data), self._size, self._channels) for data in pictures])
        if not all("cls" in sample for sample in samples):
            return images, None
        return images, torch.tensor([int(sample["cls"]) for sample in samples])
