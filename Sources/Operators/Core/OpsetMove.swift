import GraphIR

/// The changes that a version of an operator requires of a node written for the version before.
///
/// Usually a parameter turns from an attribute into an input; the new constant is named
/// `<output>_<parameter>`.
struct OpsetMove: Sendable {
    /// Rewrites the node; false if it cannot be expressed in the new version. The caller then discards any
    /// changes.
    let apply: @Sendable (NodeID, inout GraphEdit) throws -> Bool

    /// The move for that version of an operator; nil if there is none.
    static func find(_ operatorType: String, _ version: Int) -> OpsetMove? {
        table["\(operatorType)-\(version)"]
    }

    private static let table: [String: OpsetMove] = [
        "Clip-11": OpsetMove { node, edit in
            for (position, name) in [(1, "min"), (2, "max")] {
                guard try edit.moveFloat(name, of: node, to: position) else { return false }
            }
            return true
        },
        "Dropout-10": withoutMask, "Dropout-12": OpsetMove { try $1.moveFloat("ratio", of: $0, to: 1) },
        "GridSample-20": OpsetMove { node, edit in
            let names = ["bilinear": "linear", "bicubic": "cubic"]
            if case .string(let mode)? = edit.graph[node].attributes["mode"], let name = names[mode] {
                edit.setAttribute(node, "mode", .string(name))
            }
            return true
        },
        "Hardmax-13": alongOneAxis, "LogSoftmax-13": alongOneAxis, "Softmax-13": alongOneAxis,
        "Pad-11": OpsetMove { node, edit in
            guard try edit.moveInts("pads", of: node, to: 1) else { return false }
            return try edit.moveFloat("value", of: node, to: 2)
        },
        "ReduceSum-13": OpsetMove { try $1.moveInts("axes", of: $0, to: 1) },
        "Resize-11": OpsetMove { node, edit in
            guard let scales = edit.graph[node].input(1) else { return false }
            return try edit.becomeResize(node, scales: scales)
        },
        "RoiAlign-16": OpsetMove { node, edit in
            edit.setAttribute(node, "coordinate_transformation_mode", .string("output_half_pixel"))
            return true
        },
        "Scatter-11": OpsetMove { node, edit in
            edit.setOperator(node, "ScatterElements")
            return true
        },
        "Slice-10": OpsetMove { node, edit in
            for (position, name) in [(1, "starts"), (2, "ends"), (3, "axes")] {
                guard try edit.moveInts(name, of: node, to: position) else { return false }
            }
            return true
        },
        "Split-13": OpsetMove { try $1.moveInts("split", of: $0, to: 1) },
        "Squeeze-13": OpsetMove { try $1.moveInts("axes", of: $0, to: 1) },
        "TopK-10": OpsetMove { node, edit in
            guard case .int(let k)? = edit.graph[node].attributes["k"] else { return false }
            edit.setAttribute(node, "k", nil)
            try edit.addParameter("k", Tensor([k]), to: node, at: 1)
            return true
        },
        "Unsqueeze-13": OpsetMove { try $1.moveInts("axes", of: $0, to: 1) },
        "Upsample-9": OpsetMove { node, edit in
            guard case .floats(let scales)? = edit.graph[node].attributes["scales"] else { return false }
            edit.setAttribute(node, "scales", nil)
            try edit.addParameter("scales", Tensor(scales), to: node, at: 1)
            return true
        },
        "Upsample-10": OpsetMove { node, edit in
            guard let scales = edit.graph[node].input(1) else { return false }
            return try edit.becomeResize(node, scales: scales)
        },
    ]

    /// `SoftmaxFamily` took all axes from `axis` on as one row. Where a single one of them has an extent other than
    /// 1, its axis gives the same rows.
    private static let alongOneAxis = OpsetMove { node, edit in
        guard case .int(let axis) = edit.graph[node].attributes["axis"] ?? .int(1),
            let dims = edit.graph[node].input(0).flatMap({ edit.graph[$0].shape?.dims })
        else { return false }
        let first = axis < 0 ? Int(axis) + dims.count : Int(axis)
        guard dims.indices.contains(first) else { return false }
        let long = dims.indices[first...].filter { dims[$0] != 1 }
        guard long.count <= 1 else { return false }
        edit.setAttribute(node, "axis", .int(Int64(long.first ?? first)))
        return true
    }

    /// The mask became boolean; a node whose mask is unread keeps its meaning.
    private static let withoutMask = OpsetMove { node, edit in
        edit.graph[node].output(1).map { edit.graph[$0].useCount == 0 } ?? true
    }
}

extension GraphEdit {
    fileprivate mutating func addParameter(
        _ name: String, _ tensor: Tensor, to node: NodeID, at position: Int
    ) throws {
        let output = graph[node].output(0).map { graph[$0].name } ?? graph[node].operatorType
        setInput(node, position, try addInitializer(uniqueName("\(output)_\(name)"), tensor))
    }

    /// Turns an attribute of integers into an input; a missing attribute stays missing.
    mutating func moveInts(_ name: String, of node: NodeID, to position: Int) throws -> Bool {
        guard let attribute = graph[node].attributes[name] else { return true }
        guard case .ints(let values) = attribute else { return false }
        setAttribute(node, name, nil)
        try addParameter(name, Tensor(values), to: node, at: position)
        return true
    }

    /// Turns a numeric attribute into an input, a scalar of the data's element type.
    fileprivate mutating func moveFloat(_ name: String, of node: NodeID, to position: Int) throws -> Bool {
        guard let attribute = graph[node].attributes[name] else { return true }
        guard case .float(let value) = attribute, let data = graph[node].input(0),
            // Dropout's ratio has a type of its own.
            let type = name == "ratio" ? .float32 : graph[data].tensorType?.elementType,
            let tensor = Tensor(scalar: value, as: type)
        else { return false }
        setAttribute(node, name, nil)
        try addParameter(name, tensor, to: node, at: position)
        return true
    }

    /// Expresses the computation of Upsample and Resize-10 as Resize-11: output position x reads input
    /// position x / scale; nearest rounds down.
    fileprivate mutating func becomeResize(_ node: NodeID, scales: ValueID) throws -> Bool {
        guard let output = graph[node].output(0) else { return false }
        setOperator(node, "Resize")
        let region = try addInitializer(uniqueName("\(graph[output].name)_roi"), Tensor([Float]()))
        setInput(node, 1, region)
        setInput(node, 2, scales)
        setAttribute(node, "coordinate_transformation_mode", .string("asymmetric"))
        setAttribute(node, "nearest_mode", .string("floor"))
        return true
    }
}

extension Tensor {
    /// A scalar of a floating-point type; nil for other types.
    fileprivate init?(scalar value: Float, as type: ElementType) {
        switch type {
        case .float32: self.init(scalar: value)
        case .float64: self.init(scalar: Double(value))
        case .float16: self.init(scalar: Float16(value))
        default: return nil
        }
    }
}
