"""Images as files: what `--calibrate` and `--data` read."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Optional, Union

from ._error import Error

if TYPE_CHECKING:
    import numpy

Images = Union[str, "os.PathLike[str]", "numpy.ndarray", Mapping[str, Any], Iterable[Any]]


def as_file(images: Optional[Images], folder: str, name: str = "images") -> Optional[str]:
    """The path of the images: the one that is named, or a new `.npy` or `.npz` file in `folder`; None without images.

    Args:
        images: a folder of images or a file that the tool reads; an array [N,C,H,W] or [N,H,W,C], or grey
            [N,H,W]; an iterable of such arrays, of single images without N, or of dictionaries from input
            names to arrays; or onnxruntime's CalibrationDataReader. uint8 is taken as pixels and preprocessed,
            floats as the model's input itself. For a network of several inputs: a dictionary from their names to
            arrays [N,...], or an iterable of such dictionaries.
        folder: where to write.
        name: the new file's name, without its extension.

    Raises:
        Error: if there is no image, or images differ in shape.
    """
    if images is None:
        return None
    if isinstance(images, (str, os.PathLike)):
        return os.fspath(images)
    import numpy

    if isinstance(images, Mapping):
        return _inputs_as_file([images], folder, name)
    if isinstance(images, numpy.ndarray):
        array = images
    else:
        items = list(_items(images))
        if any(isinstance(item, Mapping) and len(item) > 1 for item in items):
            return _inputs_as_file(items, folder, name)
        array = _joined([_array(item) for item in items])
    path = pathlib.Path(folder) / f"{name}.npy"
    numpy.save(path, array, allow_pickle=False)
    return str(path)


def _inputs_as_file(items: list[Any], folder: str, name: str) -> str:
    """The path of a new `.npz` file with the arrays of several inputs, [N,...] each, item after item."""
    import numpy

    names = list(items[0]) if isinstance(items[0], Mapping) else []
    if not names:
        raise Error("there are no images", remedy="give an array for each input")
    for item in items:
        if not isinstance(item, Mapping) or list(item) != names:
            raise Error(
                f"an item of the images has not the inputs {', '.join(map(str, names))}",
                remedy="give each item an array for each input",
            )
    path = pathlib.Path(folder) / f"{name}.npz"
    arrays = {str(key): _joined([numpy.asarray(item[key]) for item in items]) for key in names}
    numpy.savez(path, **arrays)
    return str(path)


def labels_as_file(labels: Any, folder: str) -> Optional[str]:
    """The path of the class of each image: the one that is named, or a new `.npy` file; None without labels."""
    if labels is None or isinstance(labels, (str, os.PathLike)):
        return None if labels is None else os.fspath(labels)
    import numpy

    path = pathlib.Path(folder) / "labels.npy"
    numpy.save(path, numpy.asarray(labels).astype("int64"), allow_pickle=False)
    return str(path)


def _items(images: Any) -> Iterable[Any]:
    """The items of an iterable, or what a CalibrationDataReader yields."""
    if isinstance(images, Iterable):
        return images
    if hasattr(images, "get_next"):
        return iter(images.get_next, None)
    raise Error(
        f"images of type {type(images).__name__} cannot be read",
        remedy="give a folder, an array, an iterable of arrays, or a CalibrationDataReader",
    )


def _array(item: Any) -> Any:
    """The images of one item, [N,...]."""
    import numpy

    if isinstance(item, Mapping):
        if not item:
            raise Error("an item of the images is empty", remedy="give it an array for each input")
        item = next(iter(item.values()))
    array = numpy.asarray(item)
    if array.ndim in (2, 3):
        array = array.reshape((1,) * (4 - array.ndim) + array.shape)
    if array.ndim != 4:
        raise Error(
            f"an image has the shape {list(array.shape)}",
            remedy="give [C,H,W], [H,W,C], or a batch of such images",
        )
    return array


def _joined(arrays: list[Any]) -> Any:
    import numpy

    if not arrays:
        raise Error("there are no images", remedy="give at least two")
    odd = next((array for array in arrays if array.shape[1:] != arrays[0].shape[1:]), None)
    if odd is not None:
        raise Error(
            f"images differ in shape: {list(arrays[0].shape[1:])} and {list(odd.shape[1:])}",
            remedy="resize them to the model's input",
        )
    return numpy.concatenate(arrays)
