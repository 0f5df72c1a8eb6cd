import GraphIR
import Operators

/// Which layers compute in integers, which values become bytes, and which of them share a scale.
///
///     x -> Conv -> Relu -> y -> Concat(y, z) -> v          y, z and v share a scale: Concat moves bytes
///                    \-- part of the convolution: only y becomes bytes, not the value before Relu
///
/// A node computes in integers if it is a layer, or if bytes reach it and its operator can (`Int8Role`). Values that
/// decide something about maps (`ControlValues`) stay in float. The values that such nodes read and write become
/// bytes. A fully connected layer's result stays in float, unless another layer reads it.
struct QuantizationPlan {
    /// In topological order.
    let layers: [QuantizableLayer]
    /// The values that become bytes, in the order of the graph, and for each the one that leads its group.
    let values: [(value: ValueID, group: ValueID)]

    /// - Parameters:
    ///   - graph: canonical, shapes inferred, BatchNormalization folded where that is possible.
    ///   - floating: layers that compute in float whatever they are.
    init(_ graph: Graph, leaving floating: Set<NodeID> = []) {
        let control = ControlValues(graph)
        var (layers, bytes, groups) = ([QuantizableLayer](), Set<ValueID>(), ScaleGroups())
        // Values that integer nodes make, or that images come in.
        var made = Set(graph.inputs)
        func make(_ result: ValueID) {
            bytes.insert(result)
            made.insert(result)
        }
        for node in graph.nodes {
            guard let role = Int8Role(node, in: graph, isActivation: graph.isFloatActivation) else {
                continue
            }
            let results = node.outputs.compactMap { $0 }.map { graph.activated($0) }
            guard results.allSatisfy(graph.isFloatActivation) else { continue }
            switch role {
            case .layer:
                guard !results.contains(where: control.contains), !floating.contains(node.id),
                    let layer = QuantizableLayer(node.id, in: graph)
                else { continue }
                layers.append(layer)
                bytes.insert(layer.input)
                if layer.window != nil { results.forEach(make) }
            case .arithmetic:
                let operands = node.inputs.compactMap { $0 }.filter(graph.isFloatActivation)
                guard operands.allSatisfy({ made.contains($0) || control.contains($0) }),
                    operands.contains(where: graph.isMap)
                else { continue }
                bytes.formUnion(operands)
                results.forEach(make)
            case .movement(let positions):
                let operands = positions.compactMap { node.input($0) }.filter(graph.isFloatActivation)
                guard operands.contains(where: made.contains), let first = operands.first,
                    !(operands + results).contains(where: control.contains)
                else { continue }
                // The value right after the node: an activation behind it has a scale of its own.
                let moved = node.outputs.compactMap { $0 }
                bytes.formUnion(operands)
                moved.forEach(make)
                for value in operands + moved { groups.unite(first, value) }
            }
        }
        self.layers = layers
        values = graph.values.map(\.id).filter(bytes.contains).map { ($0, groups.leader(of: $0)) }
    }
}

extension Graph {
    /// The value after the activation that is the only reader of `value`, if that activation can be part of an
    /// integer node: Relu, or Clip between constants; else the value itself.
    fileprivate func activated(_ value: ValueID) -> ValueID {
        guard let reader = soleConsumer(of: value), reader.domain.isEmpty, let result = reader.output(0)
        else {
            return value
        }
        switch reader.operatorType {
        case "Relu": return result
        case "Clip":
            let bounds = reader.inputs.dropFirst().compactMap { $0 }
            return bounds.allSatisfy { self[$0].constant != nil } ? result : value
        default: return value
        }
    }
}
