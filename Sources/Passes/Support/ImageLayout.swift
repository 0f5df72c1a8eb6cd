import GraphIR
import Operators

/// The two orders of images' axes, and the Transposes between them.
///
/// Channels first is N, C, D1...Dn (ONNX's convolutions); channels last is N, D1...Dn, C (TensorFlow's).
/// Images of one spatial axis are excluded: both Transposes would be the same.
enum ImageLayout {
    /// The `perm` of the Transpose from channels first to channels last.
    static func toChannelsLast(rank: Int) -> [Int] { [0] + Array(2..<rank) + [1] }

    /// The `perm` of the Transpose from channels last to channels first.
    static func toChannelsFirst(rank: Int) -> [Int] { [0, rank - 1] + Array(1..<(rank - 1)) }

    static let ranks = 4...8

    /// The `perm` of a Transpose node; nil for other nodes, and if `perm` is missing.
    static func permutation(of node: Node?) -> [Int]? {
        guard let node, node.isOperator("Transpose"), case .ints(let values) = node.attributes["perm"] else {
            return nil
        }
        return values.map(Int.init)
    }

    /// The permutation of a Transpose node, in which a missing `perm` reverses the axes; nil for other nodes,
    /// and if the rank is unknown.
    static func fullPermutation(of node: Node, in graph: Graph) -> [Int]? {
        guard node.isOperator("Transpose"), node.attributes["perm"] == nil else {
            return permutation(of: node)
        }
        return node.input(0).flatMap { graph[$0].shape }.map { Array((0..<$0.rank).reversed()) }
    }

    /// The channels-first value whose channels-last Transpose `value` is.
    static func channelsFirstSource(of value: ValueID, in graph: Graph) -> (source: ValueID, rank: Int)? {
        guard let node = graph.producer(of: value), let source = node.input(0),
            let permutation = permutation(of: node), ranks.contains(permutation.count),
            permutation == toChannelsLast(rank: permutation.count)
        else { return nil }
        return (source, permutation.count)
    }
}

extension Tensor {
    /// The tensor with its axes in channels-first order, where the tensor broadcasts over channels-last
    /// images of `rank`; nil if its own rank is higher, or its elements cannot be moved.
    func channelsFirst(rank: Int) -> Tensor? {
        guard self.rank <= rank else { return nil }
        if elementCount == 1 { return self }
        let full = [Int](repeating: 1, count: rank - self.rank) + shape
        guard let whole = reshaped(to: full), let rule = OperatorRegistry.find(domain: "", "Transpose") else {
            return nil
        }
        let permutation = ImageLayout.toChannelsFirst(rank: rank).map(Int64.init)
        let context = OperatorContext(
            label: "constant", attributes: ["perm": .ints(permutation)], opset: rule.versions.last ?? 1,
            inputTypes: [whole.type], isPresent: [true], constants: [whole], extents: [nil], outputCount: 1)
        return try? rule.evaluate(context, [whole]).first
    }
}
