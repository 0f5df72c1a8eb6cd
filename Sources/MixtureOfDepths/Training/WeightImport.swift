import GraphIR
import Operators

/// Puts the parameters of a trained network into the graph that the training started from.
public enum WeightImport {
    /// The model with the imported parameters, and their number.
    public struct Result: Sendable {
        public let model: Model
        /// The parameters with new values, and the number of their elements.
        public let tensors: Int
        public let elements: Int
        /// The number of BatchNormalizations that became neutral because the trained file has them folded
        /// into convolutions.
        public let neutralized: Int
    }

    /// The model with the trained values of all parameters: weights, biases, scales, running statistics.
    ///
    /// A parameter is found by its own name or by the names that onnx2torch gives it, and must have the same
    /// shape. If the trained file has no parameters for a BatchNormalization after a convolution, but a bias
    /// for the convolution, the normalisation was folded: it then adds that bias and does nothing else.
    ///
    /// - Throws: `WeightImportError` for a parameter without trained values, for shapes that differ, and for
    ///   trained values without a place in the graph.
    public static func run(_ trained: TrainedTensors, into model: Model) throws -> Result {
        var edit = GraphEdit(model.graph)
        let graph = model.graph
        var used: Set<String> = []
        var (tensors, elements, neutralized) = (0, 0, 0)
        func put(_ value: Value, _ tensor: Tensor) {
            edit.setInitializer(value.id, tensor)
            (tensors, elements) = (tensors + 1, elements + tensor.elementCount)
        }
        var missing: [Value] = []
        for value in parameters(of: graph) {
            guard let found = trained.find(value.name, readBy: places(of: value, in: graph)) else {
                missing.append(value)
                continue
            }
            used.insert(found.name)
            put(value, try fitted(found.tensor, found.name, to: value, in: graph))
        }
        let folded = Set(missing.map(\.id))
        for node in graph.nodes where node.isOperator("BatchNormalization") {
            guard node.inputs.count == 5,
                node.inputs.dropFirst().allSatisfy({ $0.map(folded.contains) == true }),
                let convolution = node.input(0).flatMap({ graph.producer(of: $0) }),
                convolution.isOperator("Conv"),
                convolution.input(2) == nil, let shift = node.input(2).map({ graph[$0] }),
                let bias = trained.find("", readBy: [(convolution, 2)])
            else { continue }
            used.insert(bias.name)
            let tensor = try fitted(bias.tensor, bias.name, to: shift, in: graph)
            for (position, parameter) in try neutral(node, tensor, in: graph).enumerated() {
                guard let value = node.input(position + 1).map({ graph[$0] }) else { continue }
                put(value, parameter)
                missing.removeAll { $0.id == value.id }
            }
            neutralized += 1
        }
        if let first = missing.first {
            throw WeightImportError.missing(first.name, others: missing.count - 1)
        }
        let unused = trained.unused(used)
        if let first = unused.first { throw WeightImportError.noPlace(first, others: unused.count - 1) }
        var result = model
        result.graph = try edit.commit()
        return Result(
            model: result, tensors: tensors, elements: elements, neutralized: neutralized)
    }

    /// The initialisers that training changes: the parameters of layers.
    private static func parameters(of graph: Graph) -> [Value] {
        graph.initializers.filter { value in
            value.initializer?.elementType.isFloatingPoint == true
                && !places(of: value, in: graph).isEmpty
        }
    }

    private static func places(of value: Value, in graph: Graph) -> [(node: Node, position: Int)] {
        value.uses.compactMap { use in
            guard let position = use.position, position > 0 else { return nil }
            let node = graph[use.node]
            return layers.contains(node.operatorType) && node.domain.isEmpty ? (node, position) : nil
        }.sorted { ($0.node.name, $0.position) < ($1.node.name, $1.position) }
    }

    private static let layers: Set<String> = ["Conv", "Gemm", "BatchNormalization"]

    /// The trained tensor in the shape and element type of the graph's.
    private static func fitted(
        _ tensor: Tensor, _ name: String, to value: Value, in graph: Graph
    ) throws -> Tensor {
        guard let old = value.initializer else { throw WeightImportError.missing(value.name, others: 0) }
        guard let values = tensor.floats ?? tensor.bfloats else {
            throw WeightImportError.elementType(name, tensor.elementType)
        }
        var plain = try Tensor(shape: tensor.shape, values)
        // PyTorch's linear layers hold [outputs, inputs]; a Gemm may hold its transpose.
        if let (node, position) = places(of: value, in: graph).first, node.isOperator("Gemm"), position == 1,
            tensor.rank == 2, name != value.name
        {
            let context = OperatorContext(graph: graph, node: node)
            guard try context.float("alpha", default: 1) == 1, try context.float("beta", default: 1) == 1
            else {
                throw WeightImportError.scaledLayer(graph.label(of: node))
            }
            if try context.int("transB", default: 0) == 0 { plain = try plain.transposed() }
        }
        guard plain.shape == old.shape else {
            throw WeightImportError.shape(value.name, old.shape, trained: tensor.shape, name)
        }
        return try plain.casting(to: old.elementType)
    }

    /// Scale, bias, mean and variance of a normalisation that only adds a bias.
    private static func neutral(_ node: Node, _ bias: Tensor, in graph: Graph) throws -> [Tensor] {
        let epsilon = try OperatorContext(graph: graph, node: node).float("epsilon", default: 1e-5)
        func filled(_ value: Float) throws -> Tensor {
            try Tensor(shape: bias.shape, [Float](repeating: value, count: bias.elementCount))
                .casting(to: bias.elementType)
        }
        return [try filled(1), bias, try filled(0), try filled(1 - epsilon)]
    }
}

/// Trained values that do not fit a graph.
public enum WeightImportError: DiagnosableError, Equatable {
    case missing(String, others: Int)
    case noPlace(String, others: Int)
    case shape(String, [Int], trained: [Int], String)
    case elementType(String, ElementType)
    case twice(String)
    case scaledLayer(String)

    public var diagnostic: Diagnostic {
        func more(_ count: Int) -> String { count == 0 ? "" : ", nor for \(count) more" }
        return switch self {
        case .missing(let name, let others):
            Diagnostic(
                .badData, place: name,
                problem: "the trained file has no values for this parameter\(more(others))",
                remedy: "save the state dict of the network that onnx2torch made of this very file")
        case .noPlace(let name, let others):
            Diagnostic(
                .badData,
                problem: "has no place for the trained values \"\(name)\""
                    + (others == 0 ? "" : ", nor for \(others) more"),
                remedy: "put them into the file that was trained, not one with BatchNormalization folded")
        case .shape(let name, let shape, let trained, let found):
            Diagnostic(
                .badData, place: name,
                problem: "is \(shape), the trained values \"\(found)\" are \(trained)",
                remedy: "put them into the file that was trained")
        case .elementType(let name, let type):
            Diagnostic(
                .badData, place: name,
                problem: "the trained values are \(type.onnxName), not floating-point numbers",
                remedy: "save them as float32")
        case .twice(let name):
            Diagnostic(
                .badData, problem: "the trained file holds \"\(name)\" twice, but for a wrapper's prefix",
                remedy: "save the state dict of one network")
        case .scaledLayer(let label):
            Diagnostic(
                .badData, place: label,
                problem: "PyTorch multiplies alpha and beta into the weights of this layer",
                remedy: "export it with alpha and beta 1")
        }
    }
}

extension Tensor {
    /// The elements of a bfloat16 tensor; nil for other types.
    fileprivate var bfloats: [Float]? {
        guard elementType == .bfloat16,
            let halves = try? Tensor(.uint16, shape: shape, bytes: bytes).elements(of: UInt16.self)
        else { return nil }
        return halves.map { Float(bitPattern: UInt32($0) << 16) }
    }

    /// A matrix of floats with its axes exchanged.
    fileprivate func transposed() throws -> Tensor {
        let values = try elements(of: Float.self)
        let (rows, columns) = (shape[0], shape[1])
        return try Tensor(
            shape: [columns, rows], (0..<values.count).map { values[$0 % rows * columns + $0 / rows] })
    }
}
