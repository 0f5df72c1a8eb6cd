import GraphIR

/// An operator that carries a state of `hidden_size` numbers for each sequence from one time step to the
/// next.
///
/// X [T, B, I], W [D, G*H, I], R [D, G*H, H], optional B [D, 2*G*H] (Wb, then Rb), sequence_lens [B] and
/// initial_h [D, B, H] -> Y [T, D, B, H] and Y_h [D, B, H], for D directions and G gates. With `layout` 1
/// (from opset 14) the batch comes first: X [B, T, I], initial_h and Y_h [B, D, H], Y [B, T, D, H].
///
/// A sequence that is shorter than T ends with its own last step: Y is 0 beyond it, and direction `reverse`
/// starts from it. A sequence of length 0 gives 0 for its last state, as in onnxruntime. `clip` bounds the
/// inputs of the gates' activation functions.
///
/// MACs: T * B * D * G*H * (I + H).
public protocol Recurrent: Operator {
    /// The gates of a cell; the rows of W, R and B are in their order.
    var gates: Int { get }
    /// The activation functions of one direction if the node names none.
    var defaultActivations: [RecurrentActivation] { get }
    /// The positions of the states' initial values among the inputs, the hidden state's first.
    var initialStates: [Int] { get }

    /// Advances one sequence by one time step.
    ///
    /// - Parameters:
    ///   - x: the I inputs of this step.
    ///   - states: H numbers for each of `initialStates`.
    func step(_ cell: RecurrentCell, _ x: ArraySlice<Double>, _ states: inout [[Double]])
}

extension Recurrent {
    public var initialStates: [Int] { [5] }

    /// The schema, with `own` attributes in addition to those of all recurrent operators.
    func recurrentSchema(
        _ opset: Int, inputs: ClosedRange<Int>, _ own: OperatorSchema.AttributeRule...
    ) -> OperatorSchema {
        let dated: [OperatorSchema.AttributeRule] =
            opset < 7 ? [.optional("output_sequence", .flag)] : opset < 14 ? [] : [.optional("layout", .flag)]
        return OperatorSchema(
            inputs: inputs, outputs: 0...(initialStates.count + 1),
            [
                .optional("activation_alpha", .floats), .optional("activation_beta", .floats),
                .optional("activations", .strings), .optional("clip", .float),
                .optional("direction", .string), .optional("hidden_size", .int),
            ] + dated + own)
    }

    /// Weights and biases, and the peepholes of LSTM.
    public func isTrainable(_ constant: Tensor, at position: Int) -> Bool { [1, 2, 3, 7].contains(position) }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        try context.requireOneElementType(of: 0, 1, 2, 3)
        let count = initialStates.count
        guard let x = context.inputType(0) else { return [TensorType?](repeating: nil, count: count + 1) }
        guard let geometry = try RecurrentGeometry(context, gates: gates) else {
            return [TensorType?](repeating: TensorType(x.elementType, nil), count: count + 1)
        }
        let last = TensorType(x.elementType, Shape(geometry.last))
        return [TensorType(x.elementType, Shape(geometry.all))] + [TensorType?](repeating: last, count: count)
    }

    /// The products with W and R, and one operation for each element of a gate.
    public func cost(_ context: OperatorContext) -> Cost? {
        guard let geometry = try? RecurrentGeometry(context, gates: gates),
            let states = Shape(geometry.all).elementCount, let inputs = geometry.inputs.value,
            let hidden = geometry.hidden.value, let rows = Shape.elementCount(of: [states, gates]),
            let macs = Shape.elementCount(of: [rows, inputs.addingClamped(hidden)])
        else { return nil }
        return Cost(macs: macs, elementaryOperations: rows)
    }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let x = try context.required(inputs, 0)
        let tensors = try RecurrentTensors(context, inputs, gates: gates, initialStates: initialStates)
        var all = [Double](repeating: 0, count: try context.checkedCount(tensors.allShape))
        var last = [[Double]](
            repeating: [Double](repeating: 0, count: try context.checkedCount(tensors.lastShape)),
            count: initialStates.count)
        let activations = try RecurrentActivation.functions(
            context, defaultActivations, directions: tensors.directions)
        for direction in 0..<tensors.directions {
            let cell = tensors.cell(direction, activations[direction])
            for sequence in 0..<tensors.batch where tensors.lengths[sequence] > 0 {
                let places = tensors.stateRange(direction, sequence)
                var states = tensors.initialStates.map { Array($0[places]) }
                for step in tensors.steps(direction, sequence) {
                    self.step(cell, tensors.input(step, sequence), &states)
                    all.replaceSubrange(tensors.outputRange(step, direction, sequence), with: states[0])
                }
                for (index, state) in states.enumerated() { last[index].replaceSubrange(places, with: state) }
            }
        }
        return [try context.tensor(x.elementType, tensors.allShape, reals: all)]
            + (try last.map { try context.tensor(x.elementType, tensors.lastShape, reals: $0) })
    }
}

/// The extents of a recurrent operator, as far as known.
struct RecurrentGeometry {
    let isBatchFirst: Bool
    /// For each direction, whether it runs from the last step to the first.
    let isReversed: [Bool]
    let steps: Dim
    let batch: Dim
    let inputs: Dim
    let hidden: Dim

    /// The shape of Y.
    var all: [Dim] {
        let directions = Dim.fixed(isReversed.count)
        return isBatchFirst ? [batch, steps, directions, hidden] : [steps, directions, batch, hidden]
    }

    /// The shape of Y_h, of the initial states, and of Y_c.
    var last: [Dim] {
        let directions = Dim.fixed(isReversed.count)
        return isBatchFirst ? [batch, directions, hidden] : [directions, batch, hidden]
    }

    /// - Returns: nil if a rank is unknown.
    /// - Throws: `OperatorError` if the shapes contradict each other.
    init?(_ context: OperatorContext, gates: Int) throws(OperatorError) {
        isBatchFirst = try context.flag("layout", default: false)
        switch try context.string("direction") ?? "forward" {
        case "forward": isReversed = [false]
        case "reverse": isReversed = [true]
        case "bidirectional": isReversed = [false, true]
        case let name: throw context.error(.attribute, "direction \"\(name)\" is unknown")
        }
        guard let x = context.shape(0), let w = context.shape(1), let r = context.shape(2) else { return nil }
        guard x.rank == 3, w.rank == 3, r.rank == 3 else {
            throw context.error(.shape, "X \(x), W \(w) and R \(r) must be of rank 3")
        }
        (steps, batch) = isBatchFirst ? (x[1], x[0]) : (x[0], x[1])
        let declared = try context.int("hidden_size").map(Dim.fixed) ?? .unknown
        guard let inputs = x[2].merged(with: w[2]), let hidden = r[2].merged(with: declared),
            hidden.value ?? 0 >= 0,
            let rows = hidden.times(.fixed(gates)).merged(with: w[1]), rows.merged(with: r[1]) != nil,
            w[0].value ?? isReversed.count == isReversed.count,
            r[0].value ?? isReversed.count == isReversed.count
        else {
            throw context.error(
                .shape,
                "W \(w) and R \(r) do not fit input \(x), \(isReversed.count) directions and \(gates) gates")
        }
        self.inputs = inputs
        self.hidden = hidden
    }
}
