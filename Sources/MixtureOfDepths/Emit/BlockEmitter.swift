import GraphIR
import Operators

/// Replaces one Conv-Block by its MoD block, operator by operator (paper, section 3).
///
///     X [N,C,H,W] --> selector --> scores s [N,C,1,1] --> top-k --> indices [N,k,1,1], ascending
///     X, indices  --> gather   --> X^ [N,k,H,W] --> shrunk body --> * s[indices] --> B [N,k,H,W]
///     Y[:, :k] = B + X[:, :k]        Y[:, k:] = X[:, k:]        (no activation after)
///
/// Every sample of a batch has its own indices, and every shape is static but for a symbolic batch.
struct BlockEmitter {
    var edit: GraphEdit
    let block: ConvBlock
    let shape: MoDShape
    let options: ConversionOptions
    /// New names start with it: the scope of the block that is replaced.
    let scope: String
    /// X: the block's input, or what has replaced it since the block was found.
    let input: ValueID
    /// The parameters of a block that is no paper block.
    let calibrated: CalibratedBlock?
    private(set) var nodes: [NodeID] = []
    /// The trained constants of the block by path; those that are there already are read instead of new ones.
    var weights: [String: ValueID] = [:]
    /// What `emitParts` made, by path.
    private var parts: [String: (first: ValueID, rest: ValueID)] = [:]

    init(
        _ edit: consuming GraphEdit, _ block: ConvBlock, input: ValueID, _ shape: MoDShape,
        _ options: ConversionOptions, _ calibrated: CalibratedBlock? = nil
    ) {
        self.calibrated = calibrated
        self.edit = edit
        self.input = input
        self.block = block
        self.shape = shape
        self.options = options
        scope = "\(block.scope)/mod"
    }

    /// Emits the block and puts it in the old one's place; the old nodes and weights are removed.
    ///
    /// - Returns: the block, and the value that now stands for the old block's output.
    mutating func emit() throws -> (block: EmittedBlock, output: ValueID) {
        if let calibrated { return try emit(calibrated) }
        if options.route == .hidden { return try emitHiddenChoice() }
        let weights = try BodyWeights(edit.graph, block, shape, options)
        let routed: RoutedChannels =
            switch options.router {
            case .topk: try emitRoutedChannels()
            case .fixed: RoutedChannels(gathered: try emitFirstChannels(), routing: nil)
            }
        var body = try emitBody(routed.gathered, weights)
        if let routing = routed.routing {
            body = try add("Mul", [body, routing.gate], "gate")
        }
        let output = try emitFusion(body)
        try replaceOldBlock(by: output)
        let emitted = EmittedBlock(
            scope: block.scope, shape: shape, input: name(input), output: name(output),
            gathered: name(routed.gathered), body: name(body),
            routing: routed.routing.map {
                EmittedBlock.Routing(
                    scores: name($0.scores), indices: name($0.indices), gate: name($0.gate))
            }, nodes: nodes)
        return (emitted, output)
    }

    // MARK: Building

    /// Adds a node of one output, named `<scope>/<path>/<operator>`, and returns that output.
    mutating func add(
        _ operatorType: String, _ inputs: [ValueID?], _ path: String, _ attributes: Attributes = [:]
    ) throws -> ValueID {
        guard let value = try addMany(operatorType, inputs, path, attributes, outputs: 1).first else {
            throw GraphError.invalid(place: "\(scope)/\(path)", problem: "a new node has no output")
        }
        return value
    }

    mutating func addMany(
        _ operatorType: String, _ inputs: [ValueID?], _ path: String, _ attributes: Attributes, outputs: Int
    ) throws -> [ValueID] {
        let name = "\(scope)/\(path)/\(operatorType)"
        var names: [String] = []
        for index in 0..<outputs { names.append(edit.uniqueName("\(name)_output_\(index)")) }
        let node = try edit.addNode(
            operatorType, name: name, inputs: inputs, outputs: names, attributes: attributes)
        nodes.append(node)
        return edit.graph[node].outputs.compactMap { $0 }
    }

    /// Adds a constant named `<scope>/<path>`.
    mutating func constant(_ path: String, _ tensor: Tensor) throws -> ValueID {
        try edit.addInitializer(edit.uniqueName("\(scope)/\(path)"), tensor)
    }

    /// Adds a constant that training changes, or finds that of a block with the same source weights.
    mutating func weight(_ path: String, _ tensor: Tensor) throws -> ValueID {
        if let shared = weights[path] { return shared }
        let value = try constant(path, tensor)
        weights[path] = value
        return value
    }

    func name(_ value: ValueID) -> String { edit.graph[value].name }

    /// The opset of the default domain that the graph imports.
    var opset: Int { edit.graph.opsets.onnx }

    // MARK: Slices

    /// Channels `start ..< end` of a value.
    mutating func emitSlice(_ value: ValueID, _ start: Int, _ end: Int, _ path: String) throws -> ValueID {
        let bounds = (Int64(start), Int64(end))
        guard opset >= 10 else {
            return try add(
                "Slice", [value], path,
                ["axes": .ints([1]), "starts": .ints([bounds.0]), "ends": .ints([bounds.1])])
        }
        let starts = try constant("\(path)/starts", Tensor([bounds.0]))
        let ends = try constant("\(path)/ends", Tensor([bounds.1]))
        let axes = try constant("\(path)/axes", Tensor([Int64(1)]))
        return try add("Slice", [value, starts, ends, axes], path)
    }

    /// The fixed router's X^: the first k channels.
    private mutating func emitFirstChannels() throws -> ValueID {
        guard shape.processed < shape.channels else { return input }
        return options.emission == .train
            ? try emitParts(input, at: shape.processed, of: shape.channels, "split").first
            : try emitSlice(input, 0, shape.processed, "first")
    }

    // MARK: Parts

    /// A value's channels before and from `position` on, by one Split where onnx2torch knows it, which until opset
    /// 17 it does; the same parts again for the same path.
    mutating func emitParts(
        _ value: ValueID, at position: Int, of channels: Int, _ path: String
    ) throws -> (first: ValueID, rest: ValueID) {
        if let parts = parts[path] { return parts }
        let sizes = [Int64(position), Int64(channels - position)]
        let emitted: (ValueID, ValueID)
        if opset >= 18 {
            emitted = (
                try emitSlice(value, 0, position, "\(path)/first"),
                try emitSlice(value, position, channels, "\(path)/rest")
            )
        } else {
            let outputs =
                opset >= 13
                ? try addMany(
                    "Split", [value, try constant("\(path)/sizes", Tensor(sizes))], path,
                    ["axis": .int(1)], outputs: 2)
                : try addMany(
                    "Split", [value], path, ["axis": .int(1), "split": .ints(sizes)], outputs: 2)
            emitted = (outputs[0], outputs[1])
        }
        parts[path] = emitted
        return emitted
    }

    // MARK: Removing the old block

    /// Makes every reader of the old block's output read `output`, and removes the old nodes and weights.
    mutating func replaceOldBlock(by output: ValueID) throws {
        try replace(block.output, by: output)
        let sum = block.add.map { [$0] } ?? []
        try remove(block.finalActivation.reversed() + sum + block.body.reversed())
    }

    /// As `replaceOldBlock`, for a block that keeps the activation after its sum.
    mutating func replaceOldSum(by output: ValueID) throws {
        guard let add = block.add, let sum = edit.graph[add].output(0) else { throw Obstacle.noShortcut }
        try replace(sum, by: output)
        try remove([add] + block.body.reversed())
    }

    private mutating func replace(_ old: ValueID, by output: ValueID) throws {
        if output != input { edit.setType(output, edit.graph[old].type) }
        try edit.replaceUses(of: old, with: output)
    }

    private mutating func remove(_ old: [NodeID]) throws {
        for id in old {
            let parameters = edit.graph[id].inputs.compactMap { $0 }
            try edit.removeNode(id)
            for parameter in parameters
            where edit.graph.contains(parameter) && edit.graph[parameter].constant != nil
                && edit.graph[parameter].useCount == 0
            {
                // What was sliced out of it is a copy.
                edit.graph[parameter].constant?.bytes.releasePages()
                try edit.removeValue(parameter)
            }
        }
    }
}

/// The channels that a block processes, and how they were chosen.
struct RoutedChannels {
    struct Routing {
        /// [N, C, 1, 1] in (0, 1)
        let scores: ValueID
        /// [N, k, 1, 1], ascending
        let indices: ValueID
        /// The scores at the indices, [N, k, 1, 1]
        let gate: ValueID
    }

    /// X^ [N, k, H, W]
    let gathered: ValueID
    let routing: Routing?
}
