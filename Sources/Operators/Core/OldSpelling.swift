import GraphIR

/// The spelling of an operator in an older version than its last one up to opset 7.
struct OldSpelling: Sendable {
    /// The version from which a node is spelled as at opset 7.
    let version: Int
    /// Rewrites a node of an older version.
    let rewrite: @Sendable (Context, inout GraphEdit) throws -> Void

    /// The node to rewrite.
    struct Context: Sendable {
        let node: NodeID
        let label: String
        /// The opset that the model imports.
        let opset: Int

        func refusal(
            _ problem: String, remedy: String = "convert the model with onnx.version_converter"
        ) -> OperatorError {
            OperatorError(.unsupported, node: label, problem, remedy: remedy)
        }
    }

    /// The old spelling of an operator; nil if it has none.
    static func find(_ operatorType: String) -> OldSpelling? { table[operatorType] }

    private static let table: [String: OldSpelling] = {
        var table: [String: OldSpelling] = [
            "BatchNormalization": OldSpelling(version: 7) { node, edit in
                try edit.requireInference(node, "normalises by the statistics of the batch")
            },
            "Cast": OldSpelling(version: 6) { node, edit in
                guard case .string(let name)? = edit.graph[node.node].attributes["to"],
                    let type = ElementType.allCases.first(where: {
                        $0.onnxName.uppercased() == name.uppercased()
                    })
                else { throw node.refusal("casts to no type that is known") }
                edit.setAttribute(node.node, "to", .int(Int64(type.rawValue)))
            },
            "Concat": OldSpelling(version: 4) { node, edit in
                guard edit.graph[node.node].attributes["axis"] == nil else { return }
                edit.setAttribute(node.node, "axis", .int(1))
            },
            "Dropout": OldSpelling(version: 7) { node, edit in
                try edit.requireInference(node, "drops elements at random")
            },
            "Gemm": OldSpelling(version: 7) { node, edit in edit.setAttribute(node.node, "broadcast", nil) },
            "LpPool": OldSpelling(version: 2) { node, edit in
                guard case .float(let p)? = edit.graph[node.node].attributes["p"] else { return }
                guard let whole = Int64(exactly: p) else { throw node.refusal("takes a norm of order \(p)") }
                edit.setAttribute(node.node, "p", .int(whole))
            },
            "PRelu": OldSpelling(version: 7) { node, edit in
                guard let slope = edit.graph[node.node].input(1), let rank = edit.graph[slope].shape?.rank
                else {
                    throw node.refusal("has slopes of unknown rank")
                }
                guard rank == 1 else { return }
                guard let input = edit.graph[node.node].input(0), let whole = edit.graph[input].shape?.rank
                else {
                    throw node.refusal("has an input of unknown rank")
                }
                // One slope for each channel, on axis 1.
                try edit.appendUnitAxes(whole - 2, toInput: 1, of: node)
            },
            "Pad": OldSpelling(version: 2) { node, edit in
                edit.setAttribute(node.node, "pads", edit.graph[node.node].attributes["paddings"])
                edit.setAttribute(node.node, "paddings", nil)
            },
            "Reshape": OldSpelling(version: 5) { node, edit in
                guard try edit.moveInts("shape", of: node.node, to: 1) else {
                    throw node.refusal("attribute \"shape\" must be a list of integers")
                }
            },
            "Selu": OldSpelling(version: 6) { node, edit in
                for (name, value) in [("alpha", Float(1.6732)), ("gamma", 1.0507)]
                where edit.graph[node.node].attributes[name] == nil {
                    edit.setAttribute(node.node, name, .float(value))
                }
            },
            "Split": OldSpelling(version: 2) { node, edit in
                guard edit.graph[node.node].inputs.count > 1 else { return }
                throw node.refusal("takes the sizes of its parts as an input")
            },
            "Tile": OldSpelling(version: 6) { node, _ in throw node.refusal("repeats along one axis only") },
            "Upsample": OldSpelling(version: 7) { node, edit in
                let attributes = edit.graph[node.node].attributes
                guard case .float(let height)? = attributes["height_scale"],
                    case .float(let width)? = attributes["width_scale"]
                else { throw node.refusal("must have height_scale and width_scale") }
                edit.setAttribute(node.node, "height_scale", nil)
                edit.setAttribute(node.node, "width_scale", nil)
                edit.setAttribute(node.node, "scales", .floats([1, 1, height, width]))
            },
        ]
        for name in ["Add", "And", "Div", "Equal", "Greater", "Less", "Mul", "Or", "Pow", "Sub", "Xor"] {
            table[name] = OldSpelling(version: 7) { node, edit in try edit.alignBroadcast(node) }
        }
        // Their older versions used `consumed_inputs`, or accepted only inputs of one shape.
        for name in ["Max", "Mean", "Min", "Sum"] { table[name] = OldSpelling(version: 1) { _, _ in } }
        return table
    }()
}

extension GraphEdit {
    /// Drops `is_test`, which must select inference.
    fileprivate mutating func requireInference(_ node: OldSpelling.Context, _ problem: String) throws {
        guard case .int(let isTest)? = graph[node.node].attributes["is_test"], isTest != 0 else {
            throw node.refusal("\(problem) (is_test = 0), as in training", remedy: "export it for inference")
        }
        setAttribute(node.node, "is_test", nil)
    }

    /// Broadcasting before opset 7: B's axes are A's last ones, or those from `axis` on.
    fileprivate mutating func alignBroadcast(_ node: OldSpelling.Context) throws {
        let attributes = graph[node.node].attributes
        setAttribute(node.node, "axis", nil)
        setAttribute(node.node, "broadcast", nil)
        guard case .int(let broadcast)? = attributes["broadcast"], broadcast != 0,
            case .int(let axis)? = attributes["axis"], axis != -1
        else { return }
        guard let a = graph[node.node].input(0), let b = graph[node.node].input(1),
            let whole = graph[a].shape?.rank, let part = graph[b].shape?.rank
        else { throw node.refusal("broadcasts along axis \(axis) of an input of unknown rank") }
        guard axis >= 0, axis <= whole - part else {
            throw node.refusal("broadcasts \(part) axes from axis \(axis) on over an input of rank \(whole)")
        }
        try appendUnitAxes(whole - part - Int(axis), toInput: 1, of: node)
    }

    /// Appends axes of extent 1 to an input; a constant is reshaped instead.
    fileprivate mutating func appendUnitAxes(
        _ count: Int, toInput position: Int, of node: OldSpelling.Context
    ) throws {
        guard count > 0, let id = graph[node.node].input(position), let type = graph[id].tensorType,
            let shape = type.shape
        else { return }
        let name = uniqueName("\(graph[id].name)_aligned")
        if let constant = graph.constant(id),
            let aligned = constant.reshaped(to: constant.shape + [Int](repeating: 1, count: count))
        {
            return setInput(node.node, position, try addInitializer(name, aligned))
        }
        let axes = (shape.rank..<(shape.rank + count)).map(Int64.init)
        let aligned = try add("Unsqueeze", [id], output: name, attributes: ["axes": .ints(axes)])
        let dims = shape.dims + [Dim](repeating: 1, count: count)
        setType(aligned, .tensor(TensorType(type.elementType, Shape(dims))))
        setInput(node.node, position, aligned)
    }
}
