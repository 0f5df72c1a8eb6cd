"""The forms that finetune_experiment.py compares, at equal multiply-accumulates."""

import functools
import itertools
import json
import subprocess

import numpy as np
import onnx
from onnx import helper, numpy_helper

import fashion

SAMPLES = 256  # images that weights are fitted to
STEPS = 64  # ratios are multiples of 1/64
BIAS = 32  # the most features of an image that a dynamic bias depends on
SCALE = [str(word) for word in fashion.SCALE]
FITTED = ["--calibrate-samples", str(SAMPLES), *SCALE]
FIXED = ["--route", "hidden", "--router", "fixed", "--dynamic-bias", "none", *FITTED, "--weights"]

# name: (what it is, options of convert)
FORMS = {
    "fixed": ("fixed hidden units", [*FIXED, "refit"]),
    "tuned": ("fixed hidden units, tuned by block", [*FIXED, "tune"]),
    "unfitted": ("the same, weights only cut out", ["--recipe", "paper", "--route", "hidden", "--router", "fixed"]),
    "bias": ("fixed hidden units and a dynamic bias", [*FIXED, "refit"]),
    "tuned bias": ("tuned by block, and a dynamic bias", [*FIXED, "tune"]),
    "gated": ("gated hidden units", ["--recipe", "paper", "--route", "hidden"]),
    "routed": ("routed channels: the paper's block", ["--recipe", "paper"]),
    "first": ("the same body, always the first channels, no gate", ["--recipe", "paper", "--router", "fixed"]),
    "dropped": ("blocks dropped", ["--drop", *FITTED]),
}
# What has the sizes of a form whose weights take time to fit.
SIZES = {"fixed": "unfitted", "tuned": "unfitted", "bias": "unfitted", "tuned bias": "unfitted"}


class Maker:
    """Converts one network to each form.

    Args:
        tool: the built modconvert.
        source: the network, whose blocks with an identity shortcut are converted.
        images: an IDX file of unlabelled images.
        folder: for files; what it holds is not made again.
    """

    def __init__(self, tool, source, images, folder):
        self.tool, self.source, self.images, self.folder = tool, source, images, folder
        self.costs = self._macs(source)
        folder.mkdir(parents=True, exist_ok=True)

    def make(self, form, target, seed):
        """The path of the form that comes closest to a share of the source's multiply-accumulates, and its share."""
        path = self.folder / f"{form.replace(' ', '-')}-{target:.3f}-{seed}.onnx"
        size = self._size(form, target)
        if not path.exists():
            options = [*FORMS[form][1], *size, "--seed", str(seed)]
            if "--calibrate-samples" in options:
                options += ["--calibrate", str(self.images)]
            # A mask over all units trains; gathered weights run. Both are the same network.
            options += ["--target", "training"] if form == "gated" else []
            self._convert(path, options)
            if form.endswith("bias"):
                add_dynamic_bias(path, seed)
        if form == "gated":
            return path, self._shares("gated")[self._ratio("gated", target)]
        return path, self._macs(path) / self.costs

    @functools.cached_property
    def eighth(self):
        """The share that is left with an eighth of the hidden units of all blocks."""
        return self._shares("unfitted")[STEPS // 8]

    def _size(self, form, target):
        if form == "dropped":
            return ["--blocks", ",".join(self._dropped(target))]
        ratio = self._ratio(SIZES.get(form, form), target)
        return ["--blocks", ",".join(self._blocks), "--mod-ratio", f"{ratio}/{STEPS}"]

    def _ratio(self, form, target):
        shares = self._shares(form)
        return min(shares, key=lambda ratio: abs(shares[ratio] - target))

    @functools.lru_cache(maxsize=None)
    def _shares(self, form):
        """The share of each ratio."""
        found = {}
        for ratio in range(2, STEPS, 2):
            options = [*FORMS[form][1], "--blocks", ",".join(self._blocks), "--mod-ratio", f"{ratio}/{STEPS}"]
            path = self._convert(self.folder / "size.onnx", [*options, "--no-verify"])
            found[ratio] = self._macs(path) / self.costs
        return found

    # Blocks

    @functools.cached_property
    def _blocks(self):
        """The scopes of the blocks with an identity shortcut, and what each costs."""
        planned = self._document("inspect", self.source)["blocks"]
        costs = {block["scope"]: block["macs"] for block in self._document("macs", self.source)["blocks"]}
        return {block["scope"]: costs[block["scope"]] for block in planned if "not eligible" not in block["remark"]}

    def _dropped(self, target):
        """The blocks without which the network comes closest to the target; of equal sets most alternate blocks."""
        sizes = range(len(self._blocks) + 1)
        sets = [chosen for size in sizes for chosen in itertools.combinations(self._blocks, size)]
        wanted = round(target * self.costs)

        def distance(chosen):
            left = self.costs - sum(self._blocks[scope] for scope in chosen)
            return abs(left - wanted), sum(int(scope.rpartition(".")[2]) % 2 == 0 for scope in chosen)

        return min(sets, key=distance)

    # The tool

    def _convert(self, path, options):
        run(self.tool, "convert", self.source, "-o", path, "--force", "--quiet", *options)
        return path

    def _macs(self, path):
        return self._document("macs", path)["total_macs"]

    def _document(self, command, path):
        return json.loads(run(self.tool, command, path, "--json"))


def run(*words):
    return subprocess.run([str(word) for word in words], check=True, stdout=subprocess.PIPE).stdout


def add_dynamic_bias(path, seed):
    """Adds to each fixed block's sum what a linear map of its input's mean says, through at most 32 features.

    modconvert fits such a bias (--dynamic-bias); this one starts at zero and is trained.
    """
    model = onnx.load(str(path))
    graph, draw = model.graph, np.random.default_rng(seed)
    del model.metadata_props[:]  # the blocks are no longer what the manifest says
    nodes = []
    sources = {node.name: node.input[0] for node in graph.node}
    weights = {tensor.name: tensor for tensor in graph.initializer}
    outputs = {node.output[0]: node for node in graph.node}
    for node in graph.node:
        if node.name.endswith("/mod/fusion/Add"):
            scope = node.name.removesuffix("/fusion/Add")
            last = outputs[node.input[0]]
            channels = weights[last.input[1]].dims[0]
            features = min(BIAS, channels)
            names = [f"{scope}/bias/{part}" for part in ("mean", "down", "features", "up", "bias", "sum")]
            down = draw.standard_normal((features, channels, 1, 1)) / np.sqrt(channels)
            for name, values in ((names[1], down), (names[3], np.zeros((channels, features, 1, 1)))):
                graph.initializer.append(numpy_helper.from_array(values.astype(np.float32), name))
            nodes += [
                helper.make_node("GlobalAveragePool", [sources[f"{scope}/body/conv1/Conv"]], [names[0]], names[0]),
                helper.make_node("Conv", [names[0], names[1]], [names[2]], names[2]),
                helper.make_node("Conv", [names[2], names[3]], [names[4]], names[4]),
                helper.make_node("Add", [node.input[0], names[4]], [names[5]], names[5]),
            ]
            node.input[0] = names[5]
        nodes.append(node)
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))
