"""Times the paper's networks as the paper does: PyTorch eager, plain modules, batch 1, one thread.

    eager.py [--rounds 41]

ResNet-50 and the networks whose blocks 1, 3, 5, ... of each stage are MoD blocks, in evaluation mode and in turns, each round in the other
order than the round before. Printed is the median over the rounds of ResNet-50's processor time divided by the network's, with its
quartiles, and the paper's figure. Needs torch and NumPy.
"""

import argparse
import time

import numpy
import torch
from torch import nn

# The depths of the stages, the reduction c, and the speed-up that the paper gives.
NETWORKS = {
    "R50-MoD, c = 64": ([3, 4, 6, 3], 64, 1.48),
    "R50-MoD, c = 2": ([3, 4, 6, 3], 2, 1.21),
    "R75-MoD, c = 64": ([3, 4, 14, 3], 64, 1.25),
    "R86-MoD, c = 64": ([3, 4, 18, 3], 64, 1.06),
}


def layer(inputs, outputs, size, stride=1):
    return [nn.Conv2d(inputs, outputs, size, stride, size // 2, bias=False), nn.BatchNorm2d(outputs)]


def body(inputs, width, outputs, stride=1):
    return nn.Sequential(
        *layer(inputs, width, 1), nn.ReLU(), *layer(width, width, 3, stride), nn.ReLU(), *layer(width, outputs, 1)
    )


class Bottleneck(nn.Module):
    def __init__(self, inputs, width, stride):
        super().__init__()
        self.body = body(inputs, width, 4 * width, stride)
        changes = stride > 1 or inputs != 4 * width
        self.shortcut = nn.Sequential(*layer(inputs, 4 * width, 1, stride)) if changes else nn.Identity()

    def forward(self, x):
        return torch.relu(self.body(x) + self.shortcut(x))


class MoD(nn.Module):
    """The paper's block: k of C channels go through a narrower body and are added to the first k."""

    def __init__(self, channels, reduction):
        super().__init__()
        self.k = channels // reduction
        self.body = body(self.k, max(1, self.k // 4), self.k)
        self.selector = nn.Sequential(
            nn.Linear(channels, channels // 16, bias=False), nn.ReLU(),
            nn.Linear(channels // 16, channels, bias=False), nn.Sigmoid(),
        )

    def forward(self, x):
        scores = self.selector(x.mean([2, 3]))
        indices = scores.topk(self.k).indices.sort().values
        chosen = x.gather(1, indices[:, :, None, None].expand(-1, -1, *x.shape[2:]))
        result = self.body(chosen) * scores.gather(1, indices)[:, :, None, None]
        return torch.cat([x[:, : self.k] + result, x[:, self.k :]], 1)


def network(depths, reduction=None):
    layers, inputs = [*layer(3, 64, 7, 2), nn.ReLU(), nn.MaxPool2d(3, 2, 1)], 64
    for stage, depth in enumerate(depths):
        width = 64 << stage
        for place in range(depth):
            isMoD = reduction is not None and place % 2
            stride = 2 if stage and not place else 1
            layers.append(MoD(inputs, reduction) if isMoD else Bottleneck(inputs, width, stride))
            inputs = 4 * width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inputs, 1000)).eval()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=41)
    rounds = parser.parse_args().rounds
    torch.set_num_threads(1)
    torch.manual_seed(0)
    x = torch.randn(1, 3, 224, 224)
    models = [network([3, 4, 6, 3]), *(network(depths, c) for depths, c, _ in NETWORKS.values())]
    results = [[] for _ in models]
    with torch.inference_mode():
        for number in range(-2, rounds):
            order = list(range(len(models)))
            for index in order if number % 2 else reversed(order):
                begin = time.thread_time()
                models[index](x)
                if number >= 0:
                    results[index].append(time.thread_time() - begin)
    source, *others = numpy.array(results)
    print("| | measured | paper |\n|---|---|---|")
    for (name, (_, _, paper)), result in zip(NETWORKS.items(), others):
        low, middle, high = numpy.quantile(source / result, [0.25, 0.5, 0.75])
        print(f"| {name} | {middle:.3f} [{low:.3f}, {high:.3f}] | {paper} |")


if __name__ == "__main__":
    main()
