import GraphIR
import Operators

/// A node of a graph as the makers of steps read it.
struct StepSource {
    let node: Node
    let context: OperatorContext
    /// The operands' places among the program's values; nil for one that is left out or holds no floats.
    let operands: [Int?]
    /// The place of the result.
    let result: Int
    let slots: [Program.Slot]

    /// The place of an operand that is a map, or broadcasts to one.
    func operand(_ position: Int) throws(TuningError) -> Int {
        let place = try weights(position)
        guard !slots[place].isFlat else { throw unsupported }
        return place
    }

    /// The place of an operand of any shape.
    func weights(_ position: Int) throws(TuningError) -> Int {
        guard operands.indices.contains(position), let place = operands[position] else { throw unsupported }
        return place
    }

    /// The shape of the value at a place.
    func shape(_ place: Int) -> MapShape { slots[place].shape }

    /// The elements of a constant operand.
    func constant(_ position: Int) throws(TuningError) -> [Float] {
        guard let floats = context.constant(position)?.floats else { throw unsupported }
        return floats
    }

    /// A number that is an attribute, or a default.
    func number(_ name: String, default value: Float) throws(TuningError) -> Float {
        guard let number = try? context.float(name, default: value) else { throw unsupported }
        return number
    }

    /// The error of a node that has no gradient here.
    var unsupported: TuningError { .noGradient(node: context.label) }
}
