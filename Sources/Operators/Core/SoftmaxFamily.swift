import Glibc
import GraphIR

/// Softmax, its logarithm, and hardmax.
///
/// Y like X. From opset 13 on the sums run along `axis` (default -1); before that X is taken as a matrix
/// whose rows are the axes before `axis` (default 1) and whose columns are all others, and the sums run
/// along whole rows.
public protocol SoftmaxFamily: Operator {
    /// The results for the elements along the axis; there is at least one.
    func normalise(_ row: [Double]) -> [Double]
}

extension SoftmaxFamily {
    public var versions: [Int] { [1, 11, 13] }

    public func schema(opset: Int) -> OperatorSchema {
        OperatorSchema(inputs: 1...1, .optional("axis", .int))
    }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        guard let x = context.inputType(0) else { return [nil] }
        if let rank = x.shape?.rank { _ = try axis(context, rank: rank) }
        return [x]
    }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let x = try context.required(inputs, 0)
        let axis = try axis(context, rank: x.rank)
        var values = try x.reals(context)
        guard !values.isEmpty else { return [x] }
        let outer = x.shape[..<axis].reduce(1, *)
        let isAlongAxis = context.opset >= 13 && x.rank > 0
        let count = isAlongAxis ? x.shape[axis] : x.shape[axis...].reduce(1, *)
        let inner = isAlongAxis ? x.shape[(axis + 1)...].reduce(1, *) : 1
        for row in 0..<outer {
            for column in 0..<inner {
                let start = row * count * inner + column
                let places = stride(from: start, to: start + count * inner, by: inner)
                for (place, result) in zip(places, normalise(places.map { values[$0] })) {
                    values[place] = result
                }
            }
        }
        return [try context.tensor(x.elementType, x.shape, reals: values)]
    }

    /// The elements minus the largest of them, and the sum of their exponentials.
    func shifted(_ row: [Double]) -> (row: [Double], sum: Double) {
        let largest = row.reduce(-Double.infinity) { max($0, $1) }
        let shifted = row.map { $0 - largest }
        return (shifted, shifted.reduce(0) { $0 + exp($1) })
    }

    private func axis(_ context: OperatorContext, rank: Int) throws(OperatorError) -> Int {
        let isAlongAxis = context.opset >= 13
        let axis = try context.int("axis", default: isAlongAxis ? -1 : 1)
        if rank == 0, axis == 0 || axis == -1 { return 0 }
        return try context.axis(axis, rank: rank, isPosition: !isAlongAxis)
    }
}
