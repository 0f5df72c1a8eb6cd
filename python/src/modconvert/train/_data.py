"""Images for training: arrays, folders and WebDataset shards, in an order that the seed alone decides."""

from __future__ import annotations

import dataclasses
import gzip
import pathlib
from collections.abc import Iterator
from typing import Any, Optional

import numpy as np
import torch

from ._settings import Settings

PICTURES = (".png", ".jpg", ".jpeg")


@dataclasses.dataclass(frozen=True)
class Pixels:
    """How bytes become the network's input: (x / 255 - mean) / std for each channel, [height, width] pixels."""

    mean: tuple[float, ...] = (0.485, 0.456, 0.406)
    std: tuple[float, ...] = (0.229, 0.224, 0.225)

    def scaled(self, images: torch.Tensor) -> torch.Tensor:
        """Bytes [N,C,H,W] as floats; floats are the network's input already."""
        if images.dtype != torch.uint8:
            return images.float()
        if len(self.mean) not in (1, images.shape[1]):
            raise ValueError(f"the images have {images.shape[1]} channels, the mean has {len(self.mean)}")
        shape = (1, -1, 1, 1)
        mean, std = (torch.tensor(value, device=images.device).reshape(shape) for value in (self.mean, self.std))
        return (images.float() / 255 - mean) / std


class Images:
    """Images that are there by number, with labels or without."""

    def __init__(self, images: Any, labels: Optional[Any] = None) -> None:
        """Takes arrays or tensors [N,C,H,W], bytes or floats, or a `_Pictures`."""
        self._images = images if isinstance(images, _Pictures) else _tensor(images)
        self._labels = None if labels is None else _tensor(labels).long()
        if self._labels is not None and len(self._labels) != len(self._images):
            raise ValueError(f"there are {len(self._labels)} labels for {len(self._images)} images")

    def __len__(self) -> int:
        return len(self._images)

    def batch(self, numbers: torch.Tensor) -> tuple[torch.Tensor, Optional[torch.Tensor]]:
        return self._images[numbers], None if self._labels is None else self._labels[numbers]

    def divided(self, share: float, seed: int) -> tuple["Images", "Images"]:
        """Two parts, the second with that share of the images, drawn by the seed."""
        order = torch.randperm(len(self), generator=torch.Generator().manual_seed(seed))
        count = max(1, round(share * len(self)))
        return tuple(self._part(numbers) for numbers in (order[count:], order[:count]))

    def first(self, count: int) -> "Images":
        """The first images, or all if there are fewer."""
        return self._part(torch.arange(min(count, len(self))))

    def _part(self, numbers: torch.Tensor) -> "Images":
        part = Images.__new__(Images)
        part._images = self._images[numbers] if torch.is_tensor(self._images) else self._images.part(numbers)
        part._labels = None if self._labels is None else self._labels[numbers]
        return part


def _tensor(values: Any) -> torch.Tensor:
    return values if torch.is_tensor(values) else torch.from_numpy(np.require(values, requirements="W"))


class _Pictures:
    """Image files, decoded when they are asked for: the short side scaled to 8/7 of the size, the middle cut out."""

    def __init__(self, paths: list[pathlib.Path], size: tuple[int, int], channels: int) -> None:
        self.paths, self.size, self.channels = paths, size, channels

    def __len__(self) -> int:
        return len(self.paths)

    def part(self, numbers: torch.Tensor) -> "_Pictures":
        return _Pictures([self.paths[number] for number in numbers.tolist()], self.size, self.channels)

    def __getitem__(self, numbers: torch.Tensor) -> torch.Tensor:
        return torch.stack([decoded(self.paths[number], self.size, self.channels) for number in numbers.tolist()])


def decoded(source: Any, size: tuple[int, int], channels: int) -> torch.Tensor:
    """A picture as bytes [C,H,W], from a path or a file-like object."""
    from PIL import Image

    height, width = size
    with Image.open(source) as picture:
        picture = picture.convert("L" if channels == 1 else "RGB")
        factor = max(height / picture.height, width / picture.width) * 8 / 7
        scaled = (max(width, round(picture.width * factor)), max(height, round(picture.height * factor)))
        picture = picture.resize(scaled, Image.BILINEAR)
        left, top = (scaled[0] - width) // 2, (scaled[1] - height) // 2
        pixels = np.array(picture.crop((left, top, left + width, top + height)))
    return torch.from_numpy(pixels.reshape(height, width, channels)).permute(2, 0, 1)


def read(source: Any, labels: Any, size: tuple[int, int], channels: int) -> Images:
    """Images from an array, a .npy, .npz or IDX file, or a folder of pictures or of one such folder for each class."""
    if not isinstance(source, (str, pathlib.Path)):
        return Images(source, labels)
    path = pathlib.Path(source)
    given = _labels(labels)
    if path.is_dir():
        files = sorted(file for file in path.rglob("*") if file.suffix.lower() in PICTURES)
        if not files:
            raise ValueError(f"{path}: holds no .png or .jpg files")
        classes = {name: number for number, name in enumerate(sorted({file.parent.name for file in files}))}
        if given is None and len(classes) > 1:
            given = [classes[file.parent.name] for file in files]
        return Images(_Pictures(files, size, channels), given)
    if path.suffix in (".npy", ".npz"):
        found = np.load(path)
        if not isinstance(found, np.ndarray):
            given = found["labels"] if given is None and "labels" in found else given
            found = found["images"] if "images" in found else found[found.files[0]]
        return Images(found, given)
    images = _idx(path)
    beside = path.with_name(path.name.replace("-images-idx3-", "-labels-idx1-"))
    if given is None and beside != path and beside.exists():
        given = _idx(beside)
    return Images(images[:, None] if images.ndim == 3 else images, given)


def _labels(labels: Any) -> Any:
    if not isinstance(labels, (str, pathlib.Path)):
        return labels
    return np.load(labels) if str(labels).endswith(".npy") else _idx(pathlib.Path(labels))


def _idx(path: pathlib.Path) -> np.ndarray:
    """An IDX file of bytes, as MNIST's, compressed or not."""
    data = path.read_bytes()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    if data[:3] != b"\x00\x00\x08":
        raise ValueError(f"{path}: is neither a folder nor a .npy, .npz or IDX file of images")
    extents = [int.from_bytes(data[4 + 4 * axis : 8 + 4 * axis], "big") for axis in range(data[3])]
    return np.frombuffer(data, np.uint8, offset=4 + 4 * len(extents)).reshape(extents)


Batch = tuple[torch.Tensor, Optional[torch.Tensor]]


class Order:
    """The batches of images that are there by number. The seed decides their order, whatever the processes."""

    def __init__(self, images: Images, settings: Settings) -> None:
        self._images, self._settings = images, settings
        self.steps = steps_of(len(images), settings)

    def epoch(self, number: int, first: int, part: slice) -> Iterator[Batch]:
        """This process's part of each batch, from step `first` on."""
        generator = torch.Generator().manual_seed(self._settings.seed * 1_000_003 + number)
        order = torch.randperm(len(self._images), generator=generator)
        size = self._settings.batch
        for step in range(first, self.steps):
            yield self._images.batch(order[step * size : (step + 1) * size][part])


def steps_of(count: int, settings: Settings) -> int:
    """The steps of an epoch; a last batch that is not full is left out."""
    if count < settings.batch:
        raise ValueError(f"{count} images do not fill a batch of {settings.batch}; lower the batch")
    return count // settings.batch


def changed(images: torch.Tensor, step: int, part: slice, settings: Settings) -> torch.Tensor:
    """Images of one process, mirrored and moved as the whole batch's draw says. Pads with the edge."""
    generator = torch.Generator().manual_seed(settings.seed * 7_368_787 + step)
    mirrored = torch.rand(settings.batch, generator=generator)[part] < 0.5
    if settings.mirror:
        mirrored = mirrored.to(images.device).reshape(-1, 1, 1, 1)
        images = torch.where(mirrored, images.flip(3), images)
    if settings.shift:
        reach = settings.shift
        padded = torch.nn.functional.pad(images, (reach,) * 4, mode="replicate")
        down, right = torch.randint(0, 2 * reach + 1, (2,), generator=generator).tolist()
        images = padded[:, :, down : down + images.shape[2], right : right + images.shape[3]]
    return images
