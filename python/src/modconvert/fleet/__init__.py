"""Many files at many ratios, on many machines: by Ray, or by jobs that share a folder.

    from modconvert import fleet

    rows = fleet.sweep(["a.onnx", "b.onnx"], ["1/8", 0.5], "images/", output="sweep/", address="auto")
    found = fleet.evaluate(["a.onnx", "small.onnx"], "images/", output="evaluation/", parts=20, address="auto")

Every task is one call of the tool. Its result is a file in the output folder, so that work that ends early goes on
where it stopped, whoever starts it again. Without Ray, jobs of a Slurm array share the work and the folder:

    python -m modconvert.fleet sweep a.onnx b.onnx --ratios 1/8,0.5 --data images/ --output sweep/ --shard 1/20
    python -m modconvert.fleet merge sweep/
"""

from ._evaluate import Part, evaluate
from ._sweep import merge, sweep
from ._tasks import Task

__all__ = ["Part", "Task", "evaluate", "merge", "sweep"]
