import GraphIR

/// One difference of two matched nodes.
public enum NodeChange: Sendable, Equatable {
    case operatorType(left: String, right: String)
    /// Nil where a node lacks the attribute.
    case attribute(String, left: String?, right: String?)
    /// Reads another value; nil where the input is left out.
    case input(Int, left: String?, right: String?)
    case constant(Int, ConstantChange)
    /// Computes another value, of those that both graphs have.
    case output(Int, left: String, right: String)
    /// Another type of an output.
    case type(Int, left: String, right: String)

    /// The kind of change, in one word for JSON.
    public var kind: String {
        switch self {
        case .operatorType: "operator"
        case .attribute: "attribute"
        case .input: "input"
        case .constant: "constant"
        case .output: "output"
        case .type: "type"
        }
    }
}

/// The difference of two constants at one input.
public struct ConstantChange: Sendable, Equatable {
    /// Nil if there is none.
    public let left: TensorType?
    /// Nil if there is none.
    public let right: TensorType?
    /// The largest absolute difference; nil if the types differ or the elements are not numbers.
    public let maxAbsolute: Double?
    /// `maxAbsolute` over the largest magnitude in the left one.
    public let relative: Double?
    /// The number of elements that differ at all.
    public let differing: Int?

    init(added: Tensor) {
        (left, right) = (nil, added.type)
        (maxAbsolute, relative, differing) = (nil, nil, nil)
    }

    init(removed: Tensor) {
        (left, right) = (removed.type, nil)
        (maxAbsolute, relative, differing) = (nil, nil, nil)
    }

    /// - Returns: nil if the two are the same within `tolerance`; integers must be equal.
    init?(_ left: Tensor, _ right: Tensor, tolerance: Double) {
        guard left != right else { return nil }
        self.left = left.type
        self.right = right.type
        guard left.type == right.type, let a = left.numbers, let b = right.numbers else {
            (maxAbsolute, relative, differing) = (nil, nil, nil)
            return
        }
        var (largest, scale, count) = (0.0, 0.0, 0)
        for (mine, theirs) in zip(a, b) {
            scale = max(scale, mine.magnitude)
            guard mine != theirs, !(mine.isNaN && theirs.isNaN) else { continue }
            count += 1
            let difference = (mine - theirs).magnitude
            largest = max(largest, difference.isNaN ? .infinity : difference)
        }
        let relative = largest == 0 ? 0 : scale == 0 ? .infinity : largest / scale
        guard count > 0, !left.elementType.isFloatingPoint || !(relative <= tolerance) else { return nil }
        (maxAbsolute, self.relative, differing) = (largest, relative, count)
    }
}

/// Compares matched nodes.
struct NodeComparison {
    private let matching: GraphMatching
    private let tolerance: Double

    init(_ matching: GraphMatching, tolerance: Double) {
        self.matching = matching
        self.tolerance = tolerance
    }

    func changes(_ node: Node, _ other: Node) -> [NodeChange] {
        var changes: [NodeChange] = []
        if node.operatorType != other.operatorType || node.domain != other.domain {
            changes.append(.operatorType(left: node.qualifiedName, right: other.qualifiedName))
        }
        changes += attributes(node.attributes, other.attributes)
        for position in 0..<max(node.inputs.count, other.inputs.count) {
            if let change = input(position, node.input(position), other.input(position)) {
                changes.append(change)
            }
        }
        for position in 0..<max(node.outputs.count, other.outputs.count) {
            if let mine = node.output(position), let theirs = other.output(position),
                matching.values[mine] != theirs
            {
                let names = (matching.left[mine].name, matching.right[theirs].name)
                changes.append(.output(position, left: names.0, right: names.1))
            }
            let types = (
                text(node.output(position), matching.left), text(other.output(position), matching.right)
            )
            if types.0 != types.1 { changes.append(.type(position, left: types.0, right: types.1)) }
        }
        return changes
    }

    private func attributes(_ mine: Attributes, _ theirs: Attributes) -> [NodeChange] {
        let names = mine.entries.map(\.name) + theirs.entries.map(\.name).filter { mine[$0] == nil }
        return names.compactMap { name in
            guard mine[name] != theirs[name] else { return nil }
            return .attribute(name, left: mine[name]?.summary, right: theirs[name]?.summary)
        }
    }

    private func input(_ position: Int, _ mine: ValueID?, _ theirs: ValueID?) -> NodeChange? {
        let constants = (
            mine.flatMap { matching.leftConstants[$0] }, theirs.flatMap { matching.rightConstants[$0] }
        )
        if let a = constants.0, let b = constants.1 {
            return ConstantChange(a, b, tolerance: tolerance).map { .constant(position, $0) }
        }
        if constants.0 == nil, let tensor = constants.1, mine == nil {
            return .constant(position, ConstantChange(added: tensor))
        }
        if constants.1 == nil, let tensor = constants.0, theirs == nil {
            return .constant(position, ConstantChange(removed: tensor))
        }
        if constants.0 == nil, constants.1 == nil {
            if mine == nil, theirs == nil { return nil }
            if let mine, let theirs, matching.values[mine] == theirs { return nil }
        }
        return .input(
            position, left: mine.map { matching.left[$0].name }, right: theirs.map { matching.right[$0].name }
        )
    }

    /// An output's type, `left out`, or `?` if it is unknown.
    private func text(_ output: ValueID?, _ graph: Graph) -> String {
        guard let output else { return "left out" }
        return graph[output].tensorType?.description ?? "?"
    }
}

extension Node {
    /// The operator's type with its domain, unless that is ONNX's own.
    fileprivate var qualifiedName: String { domain.isEmpty ? operatorType : "\(domain).\(operatorType)" }
}

extension Attribute {
    /// The value as text, or a description of its contents if that would be long.
    fileprivate var summary: String {
        switch self {
        case .int(let value): "\(value)"
        case .float(let value): "\(value)"
        case .string(let value): "\"\(value)\""
        case .ints(let values): "\(values)"
        case .floats(let values): "\(values)"
        case .strings(let values): "\(values)"
        case .tensor(let tensor): tensor.elementCount == 1 ? tensor.contents : tensor.type.description
        case .tensors(let tensors): "\(tensors.count) tensors"
        case .graph(let graph): "a graph of \(graph.order.count) nodes"
        case .graphs(let graphs): "\(graphs.count) graphs"
        case .opaque(let bytes): "\(bytes.count) bytes"
        case .reference(let name): "attribute \(name) of the function"
        }
    }
}

extension Tensor {
    /// The elements in double precision; nil if they are not numbers.
    fileprivate var numbers: [Double]? {
        if elementType == .float64 { return try? elements(of: Double.self) }
        return floats?.map(Double.init) ?? integers?.map(Double.init)
    }

    /// The type and the only element.
    fileprivate var contents: String {
        numbers?.first.map { "\(type) of \($0)" } ?? type.description
    }
}
