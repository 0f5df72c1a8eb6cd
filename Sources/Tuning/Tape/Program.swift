import GraphIR
import Operators
import Runtime

/// The nodes of a graph that depend on its parameters, in order, each of which can be run forwards and backwards.
///
///     frozen nodes --> inputs --> [ step --> step --> ... ] --> output
///                                    ^        ^
///                                parameters
///
/// What comes before the first parameter is no part of the program: its results are the program's inputs, and
/// are the same in every run.
package struct Program: Sendable {
    /// A value of the program.
    struct Slot: Sendable {
        /// The extents of a map without the batch, or of a constant.
        let shape: MapShape
        /// Whether the extents are but a count: weights, which have no place in a map.
        var isFlat = false
        let origin: Origin
        /// Whether the value changes with the parameters: steps are made of no other nodes.
        var dependsOnParameters: Bool {
            switch origin {
            case .parameter, .computed: true
            case .input, .constant: false
            }
        }
    }

    /// Where a value comes from.
    enum Origin: Sendable {
        /// The input of that place.
        case input(Int)
        /// The same for every image.
        case constant(FloatBuffer)
        /// The parameter of that place.
        case parameter(Int)
        /// A step.
        case computed

        var isComputed: Bool { if case .computed = self { true } else { false } }
        /// Whether there is one map for each image.
        var isBatched: Bool {
            switch self {
            case .input, .computed: true
            case .constant, .parameter: false
            }
        }
    }

    /// A constant of the graph that is tuned.
    package struct Parameter: Sendable {
        package let value: ValueID
        /// Its elements start here among those of all parameters.
        package let offset: Int
        /// Its elements before any tuning.
        package let start: [Float]
        package let shape: [Int]
        /// The first elements, which are tuned; the others stay.
        package let tuned: Int

        package var count: Int { start.count }
        /// The elements of one filter; of a bias, 1.
        var fanIn: Int { shape.dropFirst().reduce(1, *) }
    }

    package let parameters: [Parameter]
    /// The values that a run starts from: results of nodes that no parameter reaches, or inputs of the graph.
    package let inputs: [ValueID]
    let slots: [Slot]
    let steps: [any Step]
    /// The places of the inputs and of the output.
    let inputSlots: [Int]
    let outputSlot: Int

    /// The program that computes a graph's first output. O(nodes + edges).
    ///
    /// - Parameters:
    ///   - graph: has shapes for all values.
    ///   - parameters: float constants of the graph.
    ///   - counts: of parameters that are not tuned as a whole, how many elements are, from the first on.
    /// - Throws: `TuningError` for a node without a gradient, or a value that is not a map of static size.
    package init(
        _ graph: Graph, parameters: [ValueID], tuning counts: [ValueID: Int] = [:]
    ) throws(TuningError) {
        BLAS.configure()
        var builder = ProgramBuilder(graph)
        for value in parameters { try builder.addParameter(value, tuning: counts[value]) }
        for node in graph.nodes { try builder.addStep(node) }
        guard let output = graph.outputs.first, let end = builder.places[output],
            builder.slots[end].dependsOnParameters
        else { throw .noMap(value: graph.outputs.first.map { graph[$0].name } ?? graph.name) }
        outputSlot = end
        (slots, steps, self.parameters) = (builder.slots, builder.steps, builder.parameters)
        (inputs, inputSlots) = (builder.inputs, builder.inputSlots)
    }

    /// The elements of all parameters.
    package var parameterCount: Int { parameters.last.map { $0.offset + $0.count } ?? 0 }

    /// The shape of an input, or of the output.
    package func shape(ofInput place: Int) -> MapShape { slots[inputSlots[place]].shape }
    package var outputShape: MapShape { slots[outputSlot].shape }
    /// The elements of the largest map of one image.
    var largestMap: Int { slots.filter(\.origin.isBatched).map(\.shape.elements).max() ?? 0 }

    /// The work of a forward run on one image, in multiply-accumulates. Memory limits what is done to every element of a
    /// map: that counts as 16.
    var work: Int {
        let elements = slots.filter(\.origin.isComputed).map(\.shape.elements)
        return steps.map(\.macs).reduce(0, +) + 16 * elements.reduce(0, +)
    }

    // MARK: Runs

    /// Runs the steps on the tape's inputs.
    package func forward(_ tape: Tape) { for step in steps { step.forward(tape) } }

    /// Runs the steps backwards, from the gradient by the output that `begin` writes.
    package func backward(_ tape: Tape, begin: (UnsafeMutablePointer<Float>) throws -> Void) rethrows {
        tape.clearSlopes()
        guard let output = tape.gradient(outputSlot) else { return }
        try begin(output)
        for step in steps.reversed() { step.backward(tape) }
    }

    /// The elements of an input of the tape, [C, n, H, W].
    package func input(_ place: Int, of tape: Tape) -> UnsafeMutablePointer<Float> {
        tape.value(inputSlots[place])
    }

    /// The elements of the output, [C, n, H, W].
    package func output(of tape: Tape) -> UnsafeMutablePointer<Float> { tape.value(outputSlot) }
}
