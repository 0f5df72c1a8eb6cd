import GraphIR

/// The inputs of a recurrent operator during evaluation, with the layout of their elements.
struct RecurrentTensors {
    let directions: Int
    let batch: Int
    /// The number of time steps of each sequence.
    let lengths: [Int]
    /// The shapes of Y and of Y_h.
    let allShape: [Int]
    let lastShape: [Int]
    /// The initial states; zeros where they are left out.
    let initialStates: [[Double]]
    private let isBatchFirst: Bool
    private let isReversed: [Bool]
    private let stepCount: Int
    private let inputCount: Int
    private let hidden: Int
    private let gates: Int
    private let x: [Double]
    private let w: [Double]
    private let r: [Double]
    private let biases: [Double]
    private let peepholes: [Double]
    private let clip: Double
    private let resetsLinearly: Bool
    private let couplesForgetting: Bool

    /// - Throws: `OperatorError` if the inputs contradict each other.
    init(_ context: OperatorContext, _ inputs: [Tensor?], gates: Int, initialStates: [Int]) throws {
        guard let geometry = try RecurrentGeometry(context, gates: gates),
            let allShape = Shape(geometry.all).extents, let lastShape = Shape(geometry.last).extents,
            let inputCount = geometry.inputs.value, let hidden = geometry.hidden.value,
            let batch = geometry.batch.value, let steps = geometry.steps.value
        else { throw context.error(.shape, "the shapes are not known") }
        func reals(_ position: Int, _ shape: [Int]) throws -> [Double] {
            guard inputs.indices.contains(position), let tensor = inputs[position] else {
                return [Double](repeating: 0, count: try context.checkedCount(shape))
            }
            guard tensor.shape == shape else {
                throw context.error(.shape, "input \(position) is \(tensor.type), must be \(Shape(shape))")
            }
            return try tensor.reals(context)
        }
        let directions = geometry.isReversed.count
        x = try context.required(inputs, 0).reals(context)
        w = try context.required(inputs, 1).reals(context)
        r = try context.required(inputs, 2).reals(context)
        biases = try reals(3, [directions, 2 * gates * hidden])
        peepholes = try reals(7, [directions, 3 * hidden])
        self.initialStates = try initialStates.map { try reals($0, lastShape) }
        let lengths = inputs.count > 4 ? try inputs[4]?.wholeNumbers(context) : nil
        self.lengths = lengths ?? [Int](repeating: steps, count: batch)
        guard self.lengths.count == batch, self.lengths.allSatisfy({ (0...steps).contains($0) }) else {
            throw context.error(
                .contents, "sequence_lens \(self.lengths) do not fit \(batch) sequences of \(steps) steps")
        }
        clip = Double(try context.float("clip") ?? .infinity)
        guard clip >= 0 else { throw context.error(.attribute, "clip \(clip) is not possible") }
        resetsLinearly = try context.flag("linear_before_reset", default: false)
        couplesForgetting = try context.flag("input_forget", default: false)
        isBatchFirst = geometry.isBatchFirst
        isReversed = geometry.isReversed
        (self.directions, self.batch, stepCount) = (directions, batch, steps)
        (self.inputCount, self.hidden, self.gates) = (inputCount, hidden, gates)
        (self.allShape, self.lastShape) = (allShape, lastShape)
    }

    /// The steps of a sequence, in the order in which a direction takes them.
    func steps(_ direction: Int, _ sequence: Int) -> [Int] {
        let steps = Array(0..<lengths[sequence])
        return isReversed[direction] ? steps.reversed() : steps
    }

    func input(_ step: Int, _ sequence: Int) -> ArraySlice<Double> {
        let row = isBatchFirst ? sequence * stepCount + step : step * batch + sequence
        return x[(row * inputCount)..<((row + 1) * inputCount)]
    }

    func outputRange(_ step: Int, _ direction: Int, _ sequence: Int) -> Range<Int> {
        let row =
            isBatchFirst
            ? (sequence * stepCount + step) * directions + direction
            : (step * directions + direction) * batch + sequence
        return (row * hidden)..<((row + 1) * hidden)
    }

    func stateRange(_ direction: Int, _ sequence: Int) -> Range<Int> {
        let row = isBatchFirst ? sequence * directions + direction : direction * batch + sequence
        return (row * hidden)..<((row + 1) * hidden)
    }

    func cell(_ direction: Int, _ activations: [(Double) -> Double]) -> RecurrentCell {
        func part(_ values: [Double], _ count: Int) -> [Double] {
            Array(values[(direction * count)..<((direction + 1) * count)])
        }
        let rows = gates * hidden
        return RecurrentCell(
            hidden: hidden, inputCount: inputCount, w: part(w, rows * inputCount), r: part(r, rows * hidden),
            biases: part(biases, 2 * rows), peepholes: part(peepholes, 3 * hidden), activations: activations,
            clip: clip, resetsLinearly: resetsLinearly, couplesForgetting: couplesForgetting)
    }
}

/// The weights and functions of one direction of a recurrent operator.
public struct RecurrentCell {
    let hidden: Int
    let inputCount: Int
    /// G*H rows of I elements.
    let w: [Double]
    /// G*H rows of H elements.
    let r: [Double]
    /// Wb, then Rb, of G*H each.
    let biases: [Double]
    /// 3 * H; zeros where there are none.
    let peepholes: [Double]
    let activations: [(Double) -> Double]
    let clip: Double
    /// GRU's `linear_before_reset`.
    let resetsLinearly: Bool
    /// LSTM's `input_forget`.
    let couplesForgetting: Bool

    /// W x + Wb of one unit of a gate.
    func input(_ gate: Int, _ unit: Int, _ x: ArraySlice<Double>) -> Double {
        let row = gate * hidden + unit
        return zip(w[(row * inputCount)...], x).reduce(biases[row]) { $0 + $1.0 * $1.1 }
    }

    /// R h + Rb of one unit of a gate.
    func recurrent(_ gate: Int, _ unit: Int, _ h: [Double]) -> Double {
        let row = gate * hidden + unit
        return zip(r[(row * hidden)...], h).reduce(biases[biases.count / 2 + row]) { $0 + $1.0 * $1.1 }
    }

    /// An activation function of `value`, which is clipped before.
    func activate(_ index: Int, _ value: Double) -> Double {
        activations[index](min(max(value, -clip), clip))
    }
}
