import GraphIR
import Operators
import Runtime

/// The values of a network that can be computed for each sample from the images alone, and held between
/// parts.
package struct SampleValues: Sendable {
    /// How far the graph can be run.
    let reach: Reach
    private let held: Set<ValueID>

    /// The values of the images' type that hold every sample at its place, whatever the data are. O(nodes +
    /// edges).
    ///
    /// - Parameter inputs: the network's inputs, images first.
    init(_ graph: Graph, from inputs: [ValueID]) {
        let reach = Reach(graph)
        let batch = graph.onlyBatch ?? Graph.probedBatch
        let inferred = graph.inferred(forBatch: batch) ?? graph
        let samples = inputs.first.flatMap { inferred.value(named: graph[$0].name)?.shape?.dims.first }
        let images = inputs.first.flatMap { graph[$0].tensorType?.elementType }
        var computed = Set(inputs)
        var held = computed
        for node in graph.nodes {
            guard node.captures.isEmpty,
                node.inputs.allSatisfy({ input in
                    input.map { graph[$0].constant != nil || computed.contains($0) } ?? true
                })
            else { continue }
            for output in node.outputs.compactMap({ $0 }) where reach.reaches(graph[output].name) {
                computed.insert(output)
                guard graph[output].tensorType?.elementType == images,
                    let shape = inferred.value(named: graph[output].name)?.shape,
                    let first = shape.dims.first, first == samples,
                    shape.dims.dropFirst().allSatisfy({ $0.value != nil })
                else { continue }
                held.insert(output)
            }
        }
        (self.reach, self.held) = (reach, held)
    }

    /// Whether the value can be held between parts.
    func isHeld(_ value: ValueID) -> Bool { held.contains(value) }
}
