#!/usr/bin/env python3
"""One training step of each of the paper's large networks, as modconvert builds them, in PyTorch.

Usage: full_size.py MODCONVERT [--networks resnet50-mod,...] [--batch 2] [--size 224]

Fails unless the loss is finite and every parameter gets a gradient that is finite and not zero throughout. The images
are noise, and so are the labels: the step is what is shown, not what is learned.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch
from torch.nn import functional

import graphs


def step(path, batch, size):
    """The loss of one step of SGD, and what is wrong with the gradients by parameter."""
    torch.manual_seed(0)
    model = graphs.load(path).train()
    descent = torch.optim.SGD(model.parameters(), 0.01, momentum=0.9)
    loss = functional.cross_entropy(model(torch.randn(batch, 3, size, size)), torch.randint(1000, (batch,)))
    loss.backward()
    descent.step()
    return loss.item(), {name: problem(tensor) for name, tensor in model.named_parameters()}


def problem(parameter):
    """What is wrong with a parameter's gradient; nothing is None."""
    if parameter.grad is None:
        return "has no gradient"
    if not parameter.grad.isfinite().all():
        return "has a gradient that is not finite"
    return None if parameter.grad.count_nonzero() else "has a gradient of zeros"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("tool", type=Path, help="the built modconvert")
    parser.add_argument("--networks", default="resnet50-mod,resnet75-mod,resnet86-mod")
    parser.add_argument("--batch", type=int, default=2)
    parser.add_argument("--size", type=int, default=224)
    options = parser.parse_args()
    torch.set_num_threads(1)
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        for name in options.networks.split(","):
            path = Path(folder) / f"{name}.onnx"
            size = f"Nx3x{options.size}x{options.size}"
            subprocess.run([options.tool.resolve(), "build", name, "--input", size, "-o", path, "--quiet"], check=True)
            begin = time.process_time()
            loss, problems = step(path, options.batch, options.size)
            wrong = {parameter: text for parameter, text in problems.items() if text}
            print(f"{name}: loss {loss:.4f}, {len(problems) - len(wrong)} of {len(problems)} parameters have a "
                  f"gradient, {time.process_time() - begin:.0f} s", flush=True)
            for parameter, text in wrong.items():
                print(f"  {parameter} {text}")
            failures += not torch.isfinite(torch.tensor(loss)) or bool(wrong)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
