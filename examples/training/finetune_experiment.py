#!/usr/bin/env python3
"""The fine-tuning experiment of docs/experiments.md: which form of block is worth having, after the same training.

Usage: PYTHONPATH=python/src finetune_experiment.py run|table MODCONVERT [--folder FOLDER] [--seeds 0,1,2]
                                                    [--only fixed,routed] [--networks basic,bottleneck]

  run    converts both trained fixtures to every form, fine-tunes them against their sources, and reads the test set once
         for each; a run adds a line to results.jsonl in the folder, and a run that has its line is not made again, so
         that the work can be stopped and goes on where it was. Seed by seed: a table of fewer seeds is a whole one.
  table  prints what the folder has as Markdown
"""

import argparse
import itertools
import json
import os
import statistics
import struct
import time
from pathlib import Path

import torch

import fashion
from finetune_forms import FORMS, SCALE, Maker, run

FIXTURES = Path(__file__).parents[2] / "fixtures" / "trained"
NETWORKS = {"basic": "basic ResNet", "bottleneck": "bottleneck ResNet"}
BATCH, STEPS = 50, 200  # every training sees 10,000 images
JUDGED = 256  # validation images that choose the best epoch
# name: (what it is, images, epochs, share of the loss that labels have)
SETS = {
    "converted": ("no training", 0, 0, 0.0),
    "1024": ("1,024 images", 1024, 10, 0.0),
    "10000": ("10,000 images", 10_000, 1, 0.0),
    "labels": ("10,000 with labels", 10_000, 1, 0.5),
}


class Experiment:
    def __init__(self, tool, folder):
        self.tool, self.folder = tool, folder
        folder.mkdir(exist_ok=True)
        self.results = folder / "results.jsonl"
        self.images = folder / "train-images-idx3-ubyte"
        if not self.images.exists():
            write_idx(self.images, fashion.read("train")[0][: -fashion.VALIDATION])

    def records(self):
        return [json.loads(line) for line in self.results.read_text().splitlines()] if self.results.exists() else []

    def run(self, networks, forms, seeds):
        done = {tuple(record["run"]) for record in self.records()}
        makers = {
            name: Maker(self.tool, FIXTURES / f"fashion-{name}.onnx", self.images, self.folder / name)
            for name in networks
        }
        for name in networks:
            if (name, "", "source", "", 0) not in done:
                self.write({"run": (name, "", "source", "", 0), "macs": 1.0, "top_one": self.top_one(makers[name].source)})
        for seed, name, budget, data, form in itertools.product(seeds, networks, ("1/8", "0.5"), SETS, forms):
            key = (name, budget, form, data, seed)
            if key in done:
                continue
            maker = makers[name]
            path, share = maker.make(form, maker.eighth if budget == "1/8" else float(budget), seed)
            begin = time.process_time()
            trained = self.trained(path, maker.source, data, seed)
            seconds = time.process_time() - begin
            self.write({"run": key, "macs": share, "top_one": self.top_one(trained), "seconds": seconds})

    def write(self, record):
        with open(self.results, "a") as file:
            file.write(json.dumps(record) + "\n")
        print(json.dumps(record), flush=True)

    def trained(self, path, source, data, seed):
        """The network after its training; the one given, where there is none."""
        from modconvert import train

        _, count, epochs, weight = SETS[data]
        if not epochs:
            return path
        images, labels = fashion.split("train")
        chosen = torch.randperm(len(images), generator=torch.Generator().manual_seed(seed))[:count]
        judged, right = (part[:JUDGED] for part in fashion.split("validation"))
        output = self.folder / "trained.onnx"
        outcome = train.distill(
            path,
            source,
            images[chosen],
            labels=labels[chosen] if weight else None,
            validation=judged,
            validation_labels=right if weight else None,
            output=output,
            settings=train.Settings(epochs=epochs, batch=BATCH, label_weight=weight, seed=seed),
        )
        assert len(outcome.losses) == STEPS
        return output

    def top_one(self, path):
        words = ["--data", fashion.TEST_IMAGES, "--labels", fashion.TEST_LABELS, *SCALE, "--threads", "1", "--json"]
        return json.loads(run(self.tool, "evaluate", path, *words))["models"][0]["top_one"]

    def table(self):
        """A row for each form: points of top-1 lost against the source, means and standard deviations over the seeds."""
        found = {}
        for record in self.records():
            name, budget, form, data, _ = record["run"]
            found.setdefault((name, budget, form), {"macs": record["macs"]}).setdefault(data, []).append(record["top_one"])
        lines = [
            "| | form | MACs | " + " | ".join(text for text, *_ in SETS.values()) + " |",
            "|---|---|---|" + "---|" * len(SETS),
        ]
        for (name, text), budget in itertools.product(NETWORKS.items(), ("0.5", "1/8")):
            source = found[name, "", "source"][""][0]
            where = f"{text} ({100 * source:.2f} %), " + ("all blocks at 1/8" if budget == "1/8" else f"budget {budget}")
            for form, (title, _) in FORMS.items():
                if (name, budget, form) not in found:
                    continue
                cells = found[name, budget, form]
                drops = [[100 * (source - value) for value in cells.get(data, [])] for data in SETS]
                lines.append(f"| {where} | {title} | {cells['macs']:.3f} | " + " | ".join(map(spread, drops)) + " |")
                where = ""
        return "\n".join(lines)


def spread(values):
    if not values:
        return ""
    return f"{statistics.mean(values):.2f}" + (f" ± {statistics.stdev(values):.2f}" if len(values) > 1 else "")


def write_idx(path, images):
    """Bytes [N,1,H,W] as an IDX file."""
    path.write_bytes(struct.pack(">4I", 0x0803, len(images), *images.shape[2:]) + images.tobytes())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("work", choices=("run", "table"))
    parser.add_argument("tool", type=Path, help="the built modconvert")
    parser.add_argument("--folder", type=Path, default=Path("finetune-experiment"))
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--only", default=",".join(FORMS))
    parser.add_argument("--networks", default=",".join(NETWORKS))
    options = parser.parse_args()
    torch.set_num_threads(1)
    os.environ["MODCONVERT_BINARY"] = str(options.tool.resolve())
    experiment = Experiment(options.tool.resolve(), options.folder)
    if options.work == "run":
        seeds = [int(seed) for seed in options.seeds.split(",")]
        experiment.run(options.networks.split(","), options.only.split(","), seeds)
    print(experiment.table())


if __name__ == "__main__":
    main()
