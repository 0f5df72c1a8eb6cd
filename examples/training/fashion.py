"""Fashion-MNIST and the one recipe that every network of these examples is trained with."""

import gzip
import time
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

SIDE = 28  # pixels
FOLDER = Path("/usr/share/datasets/fashion-mnist")  # of the Debian package dataset-fashion-mnist
TEST_IMAGES, TEST_LABELS = FOLDER / "t10k-images-idx3-ubyte.gz", FOLDER / "t10k-labels-idx1-ubyte.gz"
MEAN, DEVIATION = 0.2860, 0.3530  # of the training images, as pixel / 255
SCALE = ["--mean", MEAN, "--std", DEVIATION]  # the same for modconvert
VALIDATION = 5000
BATCH = 64
PEAK_RATE = 0.2


def read(part):
    """Images [N, 1, 28, 28] as bytes, and labels, of the part "train" or "t10k"."""
    images = np.frombuffer(gzip.open(FOLDER / f"{part}-images-idx3-ubyte.gz").read(), np.uint8, offset=16)
    labels = np.frombuffer(gzip.open(FOLDER / f"{part}-labels-idx1-ubyte.gz").read(), np.uint8, offset=8)
    return images.reshape(-1, 1, SIDE, SIDE), labels.astype(np.int64)


def split(name):
    """Images and labels as tensors: "train" is the first 55,000, "validation" the last 5,000, or "test"."""
    images, labels = read("t10k" if name == "test" else "train")
    if name != "test":
        chosen = slice(None, -VALIDATION) if name == "train" else slice(-VALIDATION, None)
        images, labels = images[chosen], labels[chosen]
    return (torch.from_numpy(images.astype(np.float32)) / 255 - MEAN) / DEVIATION, torch.from_numpy(labels)


def write_enlarged(scale, path):
    """The test images with every pixel scale x scale times, as an IDX file."""
    images = read("t10k")[0].repeat(scale, axis=2).repeat(scale, axis=3)
    header = np.array([0x0803, len(images), *images.shape[2:]], ">u4")
    path.write_bytes(header.tobytes() + images.tobytes())


def augmented(batch):
    """Half of the batch mirrored, all moved by at most a pixel: one draw a batch."""
    half = len(batch) // 2
    batch = torch.cat([batch[:half], batch[half:].flip(3)])
    padded = functional.pad(batch, (1, 1, 1, 1), value=-MEAN / DEVIATION)
    down, right = torch.randint(0, 3, (2,)).tolist()
    return padded[:, :, down : down + SIDE, right : right + SIDE]


def optimiser(model, steps):
    """SGD with Nesterov's momentum; its rate climbs for a quarter of the steps, and falls to zero."""
    chosen = torch.optim.SGD(model.parameters(), PEAK_RATE, momentum=0.9, nesterov=True, weight_decay=5e-4)
    return chosen, torch.optim.lr_scheduler.OneCycleLR(chosen, PEAK_RATE, total_steps=steps, pct_start=0.25)


def train(model, images, labels, steps, seed):
    """Trains for that many steps and returns the last hundred's mean loss and the processor's seconds."""
    torch.manual_seed(seed)
    model.train()
    descent, schedule = optimiser(model, steps)
    losses, begin = [], time.process_time()
    while len(losses) < steps:
        for chosen in torch.randperm(len(images)).split(BATCH)[: steps - len(losses)]:
            descent.zero_grad()
            loss = functional.cross_entropy(model(augmented(images[chosen])), labels[chosen])
            loss.backward()
            descent.step()
            schedule.step()
            losses.append(loss.item())
    seconds = time.process_time() - begin
    return sum(losses[-100:]) / len(losses[-100:]), seconds


@torch.no_grad()
def accuracy(model, images, labels):
    """The share of images whose highest logit is the label's."""
    model.eval()
    hits = sum((model(x).argmax(1) == y).sum().item() for x, y in zip(images.split(500), labels.split(500)))
    return hits / len(labels)
