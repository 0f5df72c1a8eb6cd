import GraphIR
import Operators

/// The tensors of a trained network, under the names that PyTorch and its converters give to parameters.
///
/// PyTorch names a parameter after its module and its role there: `layer1.0.conv1.weight`. onnx2torch makes a
/// module of every node, named after the node with `/` for `.` and without the first `/`, so the weights of
/// node `/layer1/layer1.0/conv1/Conv` become `layer1/layer1/0/conv1/Conv.weight`.
public struct TrainedTensors: Sendable {
    /// The tensors by name, without the prefixes of wrapper modules.
    private let tensors: [String: Tensor]

    /// The tensors of a state dict.
    ///
    /// - Throws: `WeightImportError.twice` if two names differ only by a wrapper's prefix.
    public init(_ named: [(name: String, tensor: Tensor)]) throws {
        var tensors: [String: Tensor] = [:]
        for (name, tensor) in named {
            let plain = TrainedTensors.withoutWrappers(name)
            guard tensors.updateValue(tensor, forKey: plain) == nil else {
                throw WeightImportError.twice(plain)
            }
        }
        self.tensors = tensors
    }

    /// The initialisers of a network that PyTorch exported.
    ///
    /// Both exporters keep the names of parameters, except where they fold a normalisation into a
    /// convolution: then the older one writes numbers, and the node's name tells the module; the newer one
    /// adds a `weight_bias`.
    public init(_ graph: Graph) throws {
        var named = graph.initializers.compactMap { value in
            value.initializer.map { (name: value.name, tensor: $0) }
        }
        var names = Set(named.map(\.name))
        func add(_ name: String, _ input: ValueID?) {
            guard let tensor = graph.constant(input), names.insert(name).inserted else { return }
            named.append((name, tensor))
        }
        // Of several equal tensors, the older exporter keeps one and names the others by Identity nodes.
        for node in graph.nodes where node.isOperator("Identity") {
            if let name = node.output(0).map({ graph[$0].name }) {
                add(name, TrainedTensors.identified(node, in: graph))
            }
        }
        for node in graph.nodes where node.isOperator("Conv") || node.isOperator("Gemm") {
            let path = node.name.split(separator: "/").dropLast().joined(separator: "/")
            if !path.isEmpty, names.contains("\(path).weight") || node.name.hasPrefix("/") {
                add("\(path).weight", node.input(1))
                add("\(path).bias", node.input(2))
            }
            let suffix = ".weight_bias"
            if let bias = node.input(2), graph[bias].name.hasSuffix(suffix) {
                add(graph[bias].name.dropLast(suffix.count) + ".bias", bias)
            }
        }
        try self.init(named)
    }

    /// The value before a line of Identity nodes.
    private static func identified(_ node: Node, in graph: Graph) -> ValueID? {
        var input = node.input(0)
        while let value = input, let before = graph.producer(of: value), before.isOperator("Identity") {
            input = before.input(0)
        }
        return input
    }

    /// `DistributedDataParallel`, `torch.compile` and trainers wrap a module. Its parameters' names then
    /// start with the name of the wrapper's field.
    private static func withoutWrappers(_ name: String) -> String {
        var name = name[...]
        while let prefix = ["module.", "_orig_mod.", "model."].first(where: name.hasPrefix) {
            name = name.dropFirst(prefix.count)
        }
        return String(name)
    }

    /// The tensor for a parameter, and the name under which it was found.
    ///
    /// - Parameters:
    ///   - name: the parameter's own name in the graph.
    ///   - places: the nodes that read the parameter, and its position among the inputs of each.
    func find(_ name: String, readBy places: [(node: Node, position: Int)]) -> (name: String, tensor: Tensor)?
    {
        let candidates = [name] + places.flatMap(TrainedTensors.names)
        for candidate in candidates {
            if let tensor = tensors[candidate] { return (candidate, tensor) }
        }
        return nil
    }

    /// PyTorch's names for an input of a node after onnx2torch.
    private static func names(_ node: Node, _ position: Int) -> [String] {
        let field: String? =
            switch (node.operatorType, position) {
            case ("Conv", 1), ("Gemm", 1), ("BatchNormalization", 1): "weight"
            case ("Conv", 2), ("Gemm", 2), ("BatchNormalization", 2): "bias"
            case ("BatchNormalization", 3): "running_mean"
            case ("BatchNormalization", 4): "running_var"
            default: nil
            }
        guard let field, !node.name.isEmpty else { return [] }
        let path = String(node.name.map { $0 == "." ? "/" : $0 }.drop { $0 == "/" })
        // onnx2torch splits a convolution with asymmetric padding into a padding and a convolution.
        return ["\(path).\(field)", "\(path).1.\(field)"]
    }

    /// The names of parameters that are not among `used`, sorted.
    func unused(_ used: Set<String>) -> [String] {
        tensors.keys.filter { name in
            !used.contains(name)
                && [".weight", ".bias", ".running_mean", ".running_var"].contains(where: name.hasSuffix)
        }.sorted()
    }
}
