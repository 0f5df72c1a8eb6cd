"""Loads a network in PyTorch through onnx2torch, as a user who trains it does, and checks what training needs.

    train.py gradients MODEL.onnx       gradients reach every parameter and equal finite differences
    train.py cycle MODEL.onnx PREFIX    a few steps, then PREFIX.{legacy,dynamo,folded}.onnx, .safetensors and .npz,
                                        and PREFIX.input.npy with the outputs, PREFIX.output.npy
"""
import sys
import warnings

import numpy as np
import onnx
import onnx2torch
import torch

warnings.filterwarnings("ignore")


def loss_of(network, images):
    """Cross-entropy against fixed classes."""
    return torch.nn.functional.cross_entropy(network(images), torch.arange(len(images)) % 10)


def images_of(model, count):
    shape = [d.dim_value for d in model.graph.input[0].type.tensor_type.shape.dim][1:]
    return torch.randn(count, *shape, generator=torch.Generator().manual_seed(1))


def check_gradients(path):
    model = onnx.load(path)
    network = onnx2torch.convert(model).double().train()
    images = images_of(model, 4).double()
    loss_of(network, images).backward()
    parameters = dict(network.named_parameters())
    trained = sum(parameter.numel() for parameter in parameters.values())
    floats = {onnx.TensorProto.FLOAT, onnx.TensorProto.DOUBLE}
    stored = sum(int(np.prod(t.dims)) for t in model.graph.initializer if t.data_type in floats and len(t.dims))
    statistics = sum(b.numel() for n, b in network.named_buffers() if "running_" in n)
    gates = sum(1 for t in model.graph.initializer if t.name.endswith("gates/zero"))
    assert trained + statistics + gates == stored, (trained, statistics, gates, stored)
    silent = [n for n, p in parameters.items() if p.grad is None or p.grad.abs().max() == 0]
    assert not silent, f"no gradient reaches {silent}"
    # Central differences at the entry of the largest gradient. Statistics of the batch move with each pass, but
    # are not read in training.
    checked = 0
    for name, parameter in parameters.items():
        if "selector" not in name and checked > 8:
            continue
        entry = parameter.grad.abs().argmax()
        flat, step = parameter.data.view(-1), 1e-6
        losses = []
        for sign in (1, -1):
            flat[entry] += sign * step
            losses.append(loss_of(network, images).item())
            flat[entry] -= sign * step
        numeric, found = (losses[0] - losses[1]) / (2 * step), parameter.grad.view(-1)[entry].item()
        assert abs(numeric - found) <= 1e-4 * max(abs(numeric), abs(found)), (name, numeric, found)
        checked += 1
    print(f"{len(parameters)} parameters, {checked} gradients checked")


def run_cycle(path, prefix):
    model = onnx.load(path)
    network = onnx2torch.convert(model).train()
    images = images_of(model, 16)
    optimizer = torch.optim.SGD(network.parameters(), 0.01, momentum=0.9)
    losses = []
    for _ in range(6):
        optimizer.zero_grad()
        loss = loss_of(network, images)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert np.isfinite(losses).all() and losses[-1] < losses[0], losses
    network.eval()
    np.save(f"{prefix}.input.npy", images[:2].numpy())
    np.save(f"{prefix}.output.npy", network(images[:2]).detach().numpy())
    state = {name: tensor.contiguous() for name, tensor in network.state_dict().items()}
    np.savez(f"{prefix}.npz", **{name: tensor.numpy() for name, tensor in state.items()})
    try:
        from safetensors.torch import save_file
        save_file(state, f"{prefix}.safetensors")
    except ImportError:
        print("no safetensors")
    names = dict(input_names=["input"], output_names=["output"], verbose=False)
    free = {"input": {0: "N"}, "output": {0: "N"}}
    legacy = dict(names, dynamo=False, opset_version=17, dynamic_axes=free)
    torch.onnx.export(network, images[:2], f"{prefix}.folded.onnx", **legacy)
    kept = dict(training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False)
    torch.onnx.export(network, images[:2], f"{prefix}.legacy.onnx", **legacy, **kept)
    try:
        batch = torch.export.Dim("N", min=1, max=1024)
        torch.onnx.export(
            network, (images[:2],), f"{prefix}.dynamo.onnx", dynamo=True, dynamic_shapes=({0: batch},),
            external_data=False, **names)
    except (ImportError, ModuleNotFoundError):
        print("no onnxscript")


if __name__ == "__main__":
    {"gradients": check_gradients, "cycle": run_cycle}[sys.argv[1]](*sys.argv[2:])
