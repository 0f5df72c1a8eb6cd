"""Models of 100,000 inputs, outputs, nodes or initialisers, by name."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

MODELS = {}


def model(function):
    """Lists the function as the model of its name."""
    MODELS[function.__name__] = function
    return function


def tensor(name, shape=(1, 2), kind=TensorProto.FLOAT):
    """An input or output; an extent of None has neither number nor name."""
    info = helper.make_tensor_value_info(name, kind, shape)
    return info


def made(nodes, inputs, outputs, initializers=(), **other):
    graph = helper.make_graph(nodes, "g", inputs, outputs, list(initializers), **other)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def node(kind, inputs, outputs, **attributes):
    return helper.make_node(kind, inputs, outputs, **attributes)


def constant(name, value):
    return numpy_helper.from_array(np.asarray(value), name)


def names(prefix, count):
    return [f"{prefix}{index}" for index in range(count)]


def chain(first, operands, kind="Add"):
    """`first` and one operand after the other; the last result is y."""
    results = names("c", len(operands) - 1) + ["y"]
    return [node(kind, [a, b], [c]) for a, b, c in zip([first] + results, operands, results)]


def unary(kinds, count, **attributes):
    """A chain of nodes with one input, from x to y, the kinds in turn."""
    results = ["x"] + names("c", count - 1) + ["y"]
    return [
        node(kinds[index % len(kinds)], [results[index]], [results[index + 1]], **attributes) for index in range(count)
    ]


X, Y = tensor("x"), tensor("y")


# Inputs.


@model
def inputs_unused(count):
    return made([node("Relu", ["x"], ["y"])], [X] + [tensor(name) for name in names("i", count)], [Y])


@model
def inputs_sum(count):
    inputs = names("i", count)
    return made([node("Sum", inputs, ["y"])], [tensor(name) for name in inputs], [Y])


@model
def inputs_concat(count):
    inputs = names("i", count)
    return made(
        [node("Concat", inputs, ["y"], axis=1)], [tensor(name) for name in inputs], [tensor("y", (1, 2 * count))]
    )


@model
def inputs_chain(count):
    inputs = names("i", count)
    return made(chain(inputs[0], inputs[1:]), [tensor(name) for name in inputs], [Y])


@model
def inputs_unnamed_batch(count):
    inputs = names("i", count)
    return made(chain(inputs[0], inputs[1:]), [tensor(name, (None, 2)) for name in inputs], [tensor("y", (None, 2))])


@model
def inputs_named_batches(count):
    inputs = names("i", count)
    return made(
        chain(inputs[0], inputs[1:]),
        [tensor(name, (f"N{index}", 2)) for index, name in enumerate(inputs)],
        [tensor("y", ("M", 2))],
    )


@model
def inputs_defaulted(count):
    inputs = names("i", count)
    result = made(
        chain("x", inputs), [X] + [tensor(name) for name in inputs], [Y],
        [constant(name, np.ones((1, 2), np.float32)) for name in inputs],
    )
    result.ir_version = 3
    return result


@model
def long_names(count):
    inputs = [f"{'n' * 990}{index:010}" for index in range(count)]
    return made(chain(inputs[0], inputs[1:]), [tensor(name) for name in inputs], [Y])


# Outputs.


@model
def outputs_relu(count):
    outputs = names("o", count)
    return made([node("Relu", ["x"], [name]) for name in outputs], [X], [tensor(name) for name in outputs])


@model
def outputs_identity(count):
    outputs = names("o", count - 1)
    relu = node("Relu", ["x"], ["r"])
    return made([relu] + [node("Identity", ["r"], [name]) for name in outputs], [X], [tensor(name) for name in outputs])


@model
def outputs_undeclared(count):
    outputs = names("o", count)
    return made(
        [node("Cast", ["x"], [name], to=TensorProto.INT64) for name in outputs], [X],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
    )


@model
def outputs_constant(count):
    outputs = names("o", count)
    value = constant("", np.ones((1, 2), np.float32))
    return made([node("Constant", [], [name], value=value) for name in outputs], [X], [tensor(name) for name in outputs])


@model
def outputs_split(count):
    outputs = names("o", count)
    return made(
        [node("Split", ["x", "sizes"], outputs, axis=1)], [tensor("x", (1, count))],
        [tensor(name, (1, 1)) for name in outputs], [constant("sizes", np.ones(count, np.int64))],
    )


@model
def outputs_pass_through(count):
    inputs, outputs = names("i", count), names("o", count)
    nodes = [node("Identity", [a], [b]) for a, b in zip(inputs, outputs)]
    return made(nodes, [tensor(name) for name in inputs], [tensor(name) for name in outputs])


# Values that are read often, and nodes that read much.


@model
def split_concat(count):
    parts = names("s", count)
    nodes = [node("Split", ["x", "sizes"], parts, axis=1), node("Concat", parts, ["y"], axis=1)]
    return made(
        nodes, [tensor("x", (1, count))], [tensor("y", (1, count))], [constant("sizes", np.ones(count, np.int64))]
    )


@model
def split_sum(count):
    parts = names("s", count)
    nodes = [node("Split", ["x", "sizes"], parts, axis=1), node("Sum", parts, ["y"])]
    return made(nodes, [tensor("x", (1, count))], [tensor("y", (1, 1))], [constant("sizes", np.ones(count, np.int64))])


@model
def fan_concat(count):
    parts = names("r", count - 1)
    kinds = ["Relu", "Neg", "Abs", "Sigmoid"]
    nodes = [node(kinds[index % 4], ["x"], [name]) for index, name in enumerate(parts)]
    return made(nodes + [node("Concat", parts, ["y"], axis=1)], [X], [tensor("y", (1, 2 * count - 2))])


@model
def fan_sum(count):
    parts = names("r", count - 1)
    nodes = [node("Clip", ["x", name + "l"], [name]) for name in parts]
    limits = [constant(name + "l", np.float32(index)) for index, name in enumerate(parts)]
    return made(nodes + [node("Sum", parts, ["y"])], [X], [Y], limits)


@model
def one_value_concat(count):
    return made([node("Concat", ["x"] * count, ["y"], axis=1)], [X], [tensor("y", (1, 2 * count))])


@model
def one_value_sum(count):
    return made([node("Sum", ["x"] * count, ["y"])], [X], [Y])


# Nodes.


@model
def adds(count):
    return made(chain("x", ["one"] * count), [X], [Y], [constant("one", np.ones(1, np.float32))])


@model
def adds_self(count):
    return made(chain("x", ["x"] * count), [X], [Y])


@model
def relus(count):
    return made(unary(["Relu", "Neg"], count), [X], [Y])


@model
def transposes(count):
    return made(unary(["Transpose"], count, perm=[1, 0]), [X], [tensor("y", None)])


@model
def identities(count):
    return made(unary(["Identity"], count), [X], [Y])


@model
def equal_nodes(count):
    parts = names("r", count // 2)
    nodes = [node("Relu", ["x"], [name]) for name in parts]
    return made(nodes + chain(parts[0], parts[1:]), [X], [Y])


@model
def reshapes(count):
    results = ["x"] + names("c", count - 1) + ["y"]
    nodes = [node("Reshape", [results[i], "ab"[i % 2]], [results[i + 1]]) for i in range(count)]
    shapes = [constant("a", np.array([2, 1])), constant("b", np.array([1, 2]))]
    return made(nodes, [X], [tensor("y", None)], shapes)


@model
def slices(count):
    results = ["x"] + names("c", count - 1) + ["y"]
    nodes = [node("Slice", [results[i], "one", "end", "axis"], [results[i + 1]]) for i in range(count)]
    values = [constant("one", np.array([1])), constant("end", np.array([2**40])), constant("axis", np.array([1]))]
    return made(nodes, [tensor("x", (1, count + 2))], [tensor("y", None)], values)


@model
def shapes(count):
    nodes, last = [], "x"
    for i in range(count // 4):
        nodes += [
            node("Shape", [last], [f"s{i}"]),
            node("Gather", [f"s{i}", "zero"], [f"g{i}"]),
            node("Concat", [f"g{i}", "minus"], [f"t{i}"], axis=0),
            node("Reshape", [last, f"t{i}"], [f"r{i}"]),
        ]
        last = f"r{i}"
    values = [constant("zero", np.array([0])), constant("minus", np.array([-1]))]
    return made(nodes + [node("Relu", [last], ["y"])], [tensor("x", ("N", 2))], [tensor("y", ("N", 2))], values)


@model
def affine(count):
    nodes, last = [], "x"
    for i in range(count // 2):
        nodes += [node("Mul", [last, "scale"], [f"m{i}"]), node("Add", [f"m{i}", "shift"], [f"a{i}"])]
        last = f"a{i}"
    values = [constant(name, np.full((1, 2, 1, 1), 0.5, np.float32)) for name in ("scale", "shift")]
    return made(
        nodes + [node("Relu", [last], ["y"])][: count % 2 + 1], [tensor("x", (1, 2, 2, 2))], [tensor("y", (1, 2, 2, 2))],
        values,
    )


@model
def convolutions(count):
    nodes, last = [], "x"
    for i in range(count // 2):
        nodes += [
            node("Conv", [last, "w"], [f"c{i}"]),
            node("BatchNormalization", [f"c{i}", "v", "v", "v", "v"], [f"b{i}"]),
        ]
        last = f"b{i}"
    values = [constant("w", np.ones((2, 2, 1, 1), np.float32)), constant("v", np.ones(2, np.float32))]
    nodes[-1].output[0] = "y"
    return made(nodes, [tensor("x", (1, 2, 2, 2))], [tensor("y", (1, 2, 2, 2))], values)


@model
def if_captures(count):
    parts = names("r", count - 2)
    nodes = [node("Relu", ["x"], [name]) for name in parts]
    branches = {
        name: helper.make_graph([node(kind, parts, [name])], name, [], [tensor(name)])
        for name, kind in (("then_branch", "Sum"), ("else_branch", "Max"))
    }
    nodes = nodes[: count - 3]
    for branch in branches.values():
        del branch.node[0].input[count - 3:]
    return made(
        nodes + [node("If", ["condition"], ["y"], **branches)], [X, tensor("condition", (), TensorProto.BOOL)], [Y]
    )


@model
def if_nodes(count):
    branches = {}
    for name, kinds in (("then_branch", ["Relu", "Neg"]), ("else_branch", ["Abs", "Neg"])):
        nodes = unary(kinds, count // 2 - 1)
        nodes[-1].output[0] = name
        branches[name] = helper.make_graph(nodes, name, [], [tensor(name)])
    return made([node("If", ["condition"], ["y"], **branches)], [X, tensor("condition", (), TensorProto.BOOL)], [Y])


@model
def ifs(count):
    nodes, last = [], "x"
    for i in range(count // 3):
        branches = {
            name: helper.make_graph([node(kind, [last], [f"{name}{i}"])], name, [], [tensor(f"{name}{i}")])
            for name, kind in (("then_branch", "Relu"), ("else_branch", "Neg"))
        }
        nodes.append(node("If", ["condition"], [f"c{i}"], **branches))
        last = f"c{i}"
    nodes[-1].output[0] = "y"
    return made(nodes, [X, tensor("condition", (), TensorProto.BOOL)], [Y])


@model
def calls(count):
    nodes = unary(["Twice"], count // 3, domain="d")
    result = made(nodes, [X], [Y])
    result.opset_import.append(helper.make_opsetid("d", 1))
    body = [node("Relu", ["a"], ["b"]), node("Neg", ["b"], ["c"])]
    result.functions.append(helper.make_function("d", "Twice", ["a"], ["c"], body, [helper.make_opsetid("", 17)]))
    return result


@model
def function_nodes(count):
    result = made(unary(["F"], 1, domain="d"), [X], [Y])
    result.opset_import.append(helper.make_opsetid("d", 1))
    body = unary(["Relu", "Neg"], count - 1)
    result.functions.append(helper.make_function("d", "F", ["x"], ["y"], body, [helper.make_opsetid("", 17)]))
    return result


@model
def functions(count):
    result = made(unary(["F0"], 1, domain="d"), [X], [Y])
    result.opset_import.append(helper.make_opsetid("d", 1))
    imports = [helper.make_opsetid("", 17)]
    for name in names("F", count // 2):
        result.functions.append(
            helper.make_function("d", name, ["a"], ["b"], [node("Relu", ["a"], ["b"])], imports)
        )
    return result


# Initialisers.


def contents(index):
    return np.array([[index, 1]], np.float32)


@model
def initializers_unused(count):
    values = [constant(name, contents(0)) for name in names("w", count)]
    return made([node("Relu", ["x"], ["y"])], [X], [Y], values)


@model
def initializers_chain(count):
    values = names("w", count)
    return made(chain("x", values), [X], [Y], [constant(name, contents(i)) for i, name in enumerate(values)])


@model
def initializers_sum(count):
    values = names("w", count)
    return made(
        [node("Sum", ["x"] + values, ["y"])], [X], [Y], [constant(name, contents(i)) for i, name in enumerate(values)]
    )


@model
def initializers_concat(count):
    values = names("w", count)
    return made(
        [node("Concat", ["x"] + values, ["y"], axis=1)], [X], [tensor("y", (1, 2 * count + 2))],
        [constant(name, contents(i)) for i, name in enumerate(values)],
    )


@model
def initializers_equal(count):
    values = names("w", count)
    return made(chain("x", values), [X], [Y], [constant(name, contents(0)) for name in values])


# A small network with one residual block, and much beside it.


def network(extra_nodes=(), inputs=(), outputs=(), initializers=(), blocks=1):
    random = np.random.default_rng(0)

    def weight(name, *shape):
        return constant(name, (random.standard_normal(shape) / 4).astype(np.float32))

    nodes = [
        node("Conv", ["image", "w"], ["stem"], pads=[1, 1, 1, 1]),
        node("Relu", ["stem"], ["b0"]),
    ]
    for i in range(blocks):
        nodes += [
            node("Conv", [f"b{i}", "w1"], [f"p{i}"], pads=[1, 1, 1, 1]),
            node("Relu", [f"p{i}"], [f"q{i}"]),
            node("Conv", [f"q{i}", "w2"], [f"r{i}"], pads=[1, 1, 1, 1]),
            node("Add", [f"r{i}", f"b{i}"], [f"s{i}"]),
            node("Relu", [f"s{i}"], [f"b{i + 1}"]),
        ]
    nodes += [
        node("GlobalAveragePool", [f"b{blocks}"], ["pooled"]),
        node("Flatten", ["pooled"], ["flat"]),
        node("Gemm", ["flat", "head"], ["logits"]),
    ]
    values = [
        weight("w", 8, 3, 3, 3), weight("w1", 8, 8, 3, 3), weight("w2", 8, 8, 3, 3), weight("head", 8, 4),
    ]
    return made(
        nodes + list(extra_nodes), [tensor("image", ("N", 3, 8, 8))] + list(inputs),
        [tensor("logits", ("N", 4))] + list(outputs), values + list(initializers),
    )


@model
def network_inputs(count):
    return network(inputs=[tensor(name, ("N", 2)) for name in names("i", count)])


@model
def network_outputs(count):
    outputs = names("o", count - 10)
    return network(
        [node("Neg", ["logits"], [name]) for name in outputs], outputs=[tensor(name, ("N", 4)) for name in outputs]
    )


@model
def network_fixed_outputs(count):
    outputs = names("o", count - 10)
    nodes = [node("Reshape", ["logits", "one"], [name]) for name in outputs]
    result = network(
        nodes, outputs=[tensor(name, (1, 4)) for name in outputs], initializers=[constant("one", np.array([1, 4]))]
    )
    for value in result.graph.input:
        value.type.tensor_type.shape.dim[0].dim_value = 1
    return result


@model
def network_nodes(count):
    nodes = unary(["Relu", "Neg"], count - 10)
    nodes[0].input[0], nodes[-1].output[0] = "logits", "y"
    return network(nodes, outputs=[tensor("y", ("N", 4))])


@model
def network_initializers(count):
    values = names("v", count)
    return network(initializers=[constant(name, contents(0)) for name in values])


@model
def network_blocks(count):
    return network(blocks=count // 5 - 1)
