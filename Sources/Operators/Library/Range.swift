import GraphIR

/// `Range`: the numbers from `start` in steps of `delta`, up to but not including `limit` (ONNX Range-11).
///
/// Three scalars of one type -> a vector of max(ceil((limit - start) / delta), 0) elements.
public struct RangeOf: Operator {
    public let name = "Range"
    public let versions = [11]

    public func schema(opset: Int) -> OperatorSchema { OperatorSchema(inputs: 3...3) }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        guard let type = context.inputTypes.lazy.compactMap({ $0?.elementType }).first else { return [nil] }
        guard let start = context.constant(0), let limit = context.constant(1),
            let delta = context.constant(2), let steps = try? Steps(context, [start, limit, delta])
        else {
            let extents = (0..<3).map { context.extents(input: $0) ?? [] }
            // 0..<N in steps of 1, which exporters write.
            let isCount = extents[0] == [0] && extents[2] == [1] && extents[1].count == 1
            return [TensorType(type, Shape([isCount ? extents[1][0] : .unknown]))]
        }
        return [TensorType(type, [steps.count])]
    }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        var scalars: [Tensor] = []
        for position in 0..<3 { scalars.append(try context.required(inputs, position)) }
        let steps = try Steps(context, scalars)
        try context.checkedCount([steps.count])
        switch steps.numbers {
        case .reals(let start, let delta):
            let values = (0..<steps.count).map { start + Double($0) * delta }
            return [try context.tensor(scalars[0].elementType, [steps.count], reals: values)]
        case .integers(let start, let delta):
            let values = (0..<steps.count).map { start &+ $0 &* delta }
            return [try context.tensor(scalars[0].elementType, [steps.count], integers: values)]
        }
    }

    private struct Steps {
        enum Numbers {
            case reals(start: Double, delta: Double)
            case integers(start: Int, delta: Int)
        }

        let numbers: Numbers
        let count: Int

        init(_ context: OperatorContext, _ scalars: [Tensor]) throws {
            guard scalars.allSatisfy({ $0.elementCount == 1 && $0.elementType == scalars[0].elementType })
            else { throw context.error(.elementType, "start, limit and delta must be scalars of one type") }
            if scalars[0].elementType.isInteger {
                let list = try scalars.map { try $0.wholeNumbers(context)[0] }
                let (start, limit, delta) = (list[0], list[1], list[2])
                let (distance, overflow) = limit.subtractingReportingOverflow(start)
                guard delta != 0, !overflow else {
                    throw context.error(.contents, "\(start) to \(limit) by \(delta) is not possible")
                }
                let isForward = (distance > 0) == (delta > 0) && distance != 0
                numbers = .integers(start: start, delta: delta)
                count = isForward ? Int((distance.magnitude - 1) / delta.magnitude + 1) : 0
            } else {
                let list = try scalars.map { try $0.reals(context)[0] }
                let steps = ((list[1] - list[0]) / list[2]).rounded(.up)
                guard steps.isFinite else {
                    throw context.error(.contents, "\(list[0]) to \(list[1]) by \(list[2]) is not possible")
                }
                numbers = .reals(start: list[0], delta: list[2])
                count = max(0, steps.truncatedToInt)
            }
        }
    }
}
