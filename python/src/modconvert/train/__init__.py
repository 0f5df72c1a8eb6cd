"""Fine-tunes a converted network against the network that it was made from. Needs `pip install modconvert[train]`.

    from modconvert import train

    outcome = train.distill("small.onnx", "resnet50.onnx", "images/", output="small.trained.onnx")
    print(outcome.best.agreement, outcome.path)

On several processes or machines, by PyTorch's own launcher:

    torchrun --nproc-per-node 2 -m modconvert.train small.onnx resnet50.onnx --data images/ -o small.trained.onnx
"""

from ._data import Pixels
from ._network import Network
from ._run import distill
from ._settings import Epoch, Outcome, Settings

__all__ = ["Epoch", "Network", "Outcome", "Pixels", "Settings", "distill"]
