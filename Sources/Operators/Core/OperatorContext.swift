import GraphIR

/// The facts about a node that an operator can use.
public struct OperatorContext: Sendable {
    /// The node's name in errors, such as `node "conv1" (Conv)`.
    public let label: String
    /// The attributes of the node.
    public let attributes: Attributes
    /// The opset version of the operator's domain that the model imports.
    public let opset: Int
    /// The known type of each input; nil if nothing is known or the input is left out.
    public let inputTypes: [TensorType?]
    /// Whether each input is present.
    public let isPresent: [Bool]
    /// The contents of the inputs that are constant.
    public let constants: [Tensor?]
    /// The contents of small integer inputs that describe shapes, if known.
    public let extents: [[Dim]?]
    /// The number of outputs that the node lists.
    public let outputCount: Int
    /// The outputs' types, if they are known already (for `cost`).
    public let outputTypes: [TensorType?]
    /// During evaluation: the values of the graph that the node's subgraphs read, by name.
    public var captures: [String: Tensor] = [:]
    /// The types of those values before evaluation, as far as known.
    public var captureTypes: [String: TensorType] = [:]
    /// The cost limit of evaluating this node and its subgraphs.
    public var budget = EvaluationBudget()

    /// A node with the facts known before it runs.
    public init(
        label: String, attributes: Attributes, opset: Int, inputTypes: [TensorType?], isPresent: [Bool],
        constants: [Tensor?], extents: [[Dim]?], outputCount: Int, outputTypes: [TensorType?] = []
    ) {
        self.label = label
        self.attributes = attributes
        self.opset = opset
        self.inputTypes = inputTypes
        self.isPresent = isPresent
        self.constants = constants
        self.extents = extents
        self.outputCount = outputCount
        self.outputTypes = outputTypes
    }

    /// The context for evaluating `node` on actual tensors.
    public init(graph: Graph, node: Node, inputs: [Tensor?]) {
        self.init(
            label: graph.label(of: node), attributes: node.attributes,
            opset: graph.opsets[node.domain] ?? 1, inputTypes: inputs.map { $0?.type },
            isPresent: inputs.map { $0 != nil }, constants: inputs,
            extents: inputs.map(OperatorContext.extents(of:)), outputCount: node.outputs.count)
    }

    /// The contents of a tensor as extents, if it is a small tensor of integers.
    public static func extents(of tensor: Tensor?) -> [Dim]? {
        guard let tensor, tensor.rank <= 1, tensor.elementCount <= 64,
            tensor.elementType == .int64 || tensor.elementType == .int32
        else { return nil }
        return tensor.integers?.map(Dim.fixed)
    }

    /// The same context, in which the types of the outputs are known as well.
    func knowing(outputTypes: [TensorType?]) -> OperatorContext {
        var context = OperatorContext(
            label: label, attributes: attributes, opset: opset, inputTypes: inputTypes, isPresent: isPresent,
            constants: constants, extents: extents, outputCount: outputCount, outputTypes: outputTypes)
        context.captureTypes = captureTypes
        return context
    }

    /// The same node, restricted to these of its inputs, in this order.
    public func taking(_ positions: Int...) -> OperatorContext {
        func pick<Element>(_ list: [Element?]) -> [Element?] {
            positions.map { list.indices.contains($0) ? list[$0] : nil }
        }
        return OperatorContext(
            label: label, attributes: attributes, opset: opset, inputTypes: pick(inputTypes),
            isPresent: positions.map(hasInput), constants: pick(constants), extents: pick(extents),
            outputCount: outputCount, outputTypes: outputTypes)
    }

    // MARK: Inputs

    /// The number of inputs that the node lists, including omitted ones.
    public var inputCount: Int { inputTypes.count }

    /// Whether the input at `position` is present.
    public func hasInput(_ position: Int) -> Bool {
        isPresent.indices.contains(position) && isPresent[position]
    }

    /// The known type of the input at `position`.
    public func inputType(_ position: Int) -> TensorType? {
        inputTypes.indices.contains(position) ? inputTypes[position] : nil
    }

    /// The shape of the input at `position`, if its rank is known.
    public func shape(_ position: Int) -> Shape? { inputType(position)?.shape }

    /// The contents of the input at `position`, if it is constant.
    public func constant(_ position: Int) -> Tensor? {
        constants.indices.contains(position) ? constants[position] : nil
    }

    /// The contents of a constant integer input; nil if it is not constant or is left out.
    public func integers(input position: Int) -> [Int]? { constant(position)?.integers }

    /// The known contents of a shape-describing input.
    public func extents(input position: Int) -> [Dim]? {
        extents.indices.contains(position) ? extents[position] : nil
    }

    // MARK: Attributes

    /// - Throws: `OperatorError.attribute` if it is present but not an integer.
    public func int(_ name: String) throws(OperatorError) -> Int? {
        switch attributes[name] {
        case nil: return nil
        case .int(let value): return Int(value)
        default: throw wrongKind(name, "an integer")
        }
    }

    /// An integer attribute, or its default if it is left out.
    public func int(_ name: String, default value: Int) throws(OperatorError) -> Int {
        try int(name) ?? value
    }

    /// An integer that stands for yes (1) or no (0), or its default if it is left out.
    ///
    /// Runtimes read other numbers differently from attribute to attribute: in onnxruntime, 7 means no for
    /// `ceil_mode` and yes for `count_include_pad`. So other numbers are refused.
    ///
    /// - Throws: `OperatorError.attribute` if it is present but neither 0 nor 1.
    public func flag(_ name: String, default value: Bool) throws(OperatorError) -> Bool {
        guard let number = try int(name) else { return value }
        guard number == 0 || number == 1 else {
            throw error(.attribute, "attribute \"\(name)\" is \(number), must be 0 or 1")
        }
        return number == 1
    }

    /// A list of integers; nil if it is left out.
    public func ints(_ name: String) throws(OperatorError) -> [Int]? {
        switch attributes[name] {
        case nil: return nil
        case .ints(let values): return values.map(Int.init)
        // An empty list may be stored as a list of any type.
        case .floats(let values) where values.isEmpty: return []
        default: throw wrongKind(name, "a list of integers")
        }
    }

    /// A number; nil if it is left out.
    public func float(_ name: String) throws(OperatorError) -> Float? {
        switch attributes[name] {
        case nil: return nil
        case .float(let value): return value
        default: throw wrongKind(name, "a number")
        }
    }

    /// A number, or its default if it is left out.
    public func float(_ name: String, default value: Float) throws(OperatorError) -> Float {
        try float(name) ?? value
    }

    /// A list of numbers; nil if it is left out.
    public func floats(_ name: String) throws(OperatorError) -> [Float]? {
        switch attributes[name] {
        case nil: return nil
        case .floats(let values): return values
        case .ints(let values) where values.isEmpty: return []
        default: throw wrongKind(name, "a list of numbers")
        }
    }

    /// A list of texts; nil if it is left out.
    public func strings(_ name: String) throws(OperatorError) -> [String]? {
        switch attributes[name] {
        case nil: return nil
        case .strings(let values): return values
        case .ints(let values) where values.isEmpty: return []
        default: throw wrongKind(name, "a list of strings")
        }
    }

    /// A text; nil if it is left out.
    public func string(_ name: String) throws(OperatorError) -> String? {
        switch attributes[name] {
        case nil: return nil
        case .string(let value): return value
        default: throw wrongKind(name, "a string")
        }
    }

    /// A tensor; nil if it is left out.
    public func tensor(_ name: String) throws(OperatorError) -> Tensor? {
        switch attributes[name] {
        case nil: return nil
        case .tensor(let value): return value
        default: throw wrongKind(name, "a tensor")
        }
    }

    private func wrongKind(_ name: String, _ expected: String) -> OperatorError {
        error(.attribute, "attribute \"\(name)\" must be \(expected)")
    }

    /// Checks that the known inputs at `positions` have the same element type.
    ///
    /// - Throws: `OperatorError.elementType`.
    func requireOneElementType(of positions: Int...) throws(OperatorError) {
        let types = positions.compactMap { inputType($0)?.elementType }
        for (a, b) in zip(types, types.dropFirst()) where a != b {
            throw error(.elementType, "takes inputs of one type, these are \(a.onnxName) and \(b.onnxName)")
        }
    }

    // MARK: Errors and axes

    /// An error that names the node.
    public func error(_ kind: OperatorError.Kind, _ problem: String, remedy: String? = nil) -> OperatorError {
        OperatorError(kind, node: label, problem, remedy: remedy)
    }

    /// An axis counted from the front; negative numbers count from the back.
    ///
    /// - Parameter isPosition: whether `rank` itself is allowed (a position between axes).
    /// - Throws: `OperatorError.attribute` if the axis does not exist.
    public func axis(_ axis: Int, rank: Int, isPosition: Bool = false) throws(OperatorError) -> Int {
        let limit = isPosition ? rank + 1 : rank
        let counted = axis < 0 ? axis + rank : axis
        guard counted >= 0, counted < limit else {
            throw error(.attribute, "axis \(axis) does not exist in a tensor of rank \(rank)")
        }
        return counted
    }

    /// Distinct axes counted from the front, ascending.
    public func axes(_ axes: [Int], rank: Int) throws(OperatorError) -> [Int] {
        var result: [Int] = []
        for entry in axes { result.append(try axis(entry, rank: rank)) }
        result.sort()
        for (a, b) in zip(result, result.dropFirst()) where a == b {
            throw error(.attribute, "axis \(a) is listed twice")
        }
        return result
    }

    /// A position along an axis of `extent` elements; negative numbers count from the back.
    ///
    /// - Throws: `OperatorError.contents` if the position does not exist.
    public func place(_ index: Int, in extent: Int) throws(OperatorError) -> Int {
        let counted = index < 0 ? index + extent : index
        guard counted >= 0, counted < extent else {
            throw error(.contents, "index \(index) is outside 0..<\(extent)")
        }
        return counted
    }

    /// The input tensor at `position`, during evaluation.
    ///
    /// - Throws: `OperatorError.arity` if it is left out.
    public func required(_ inputs: [Tensor?], _ position: Int) throws(OperatorError) -> Tensor {
        guard inputs.indices.contains(position), let tensor = inputs[position] else {
            throw error(.arity, "input \(position) is missing")
        }
        return tensor
    }

    /// The contents of an integer input that lists extents, if all are numbers.
    public func fixedExtents(input position: Int) -> [Int]? {
        guard let dims = extents(input: position) else { return integers(input: position) }
        return Shape(dims).extents
    }
}
