import GraphIR

/// `CumSum`: the running sum along an axis (ONNX CumSum-11, 14).
///
/// x and a scalar axis -> y like x. `exclusive` leaves each element out of its own sum; `reverse` sums from
/// the end.
public struct CumSum: Operator {
    public let name = "CumSum"
    public let versions = [11, 14]

    public func schema(opset: Int) -> OperatorSchema {
        OperatorSchema(inputs: 2...2, .optional("exclusive", .flag), .optional("reverse", .flag))
    }

    public func inferTypes(_ context: OperatorContext) -> [TensorType?] { [context.inputType(0)] }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let x = try context.required(inputs, 0)
        guard let position = try context.required(inputs, 1).wholeNumbers(context).first else {
            throw context.error(.contents, "the axis must be one integer")
        }
        let axis = try context.axis(position, rank: x.rank)
        let isExclusive = try context.flag("exclusive", default: false)
        let isReversed = try context.flag("reverse", default: false)
        let (extent, inner) = (x.shape[axis], x.shape[(axis + 1)...].reduce(1, *))
        func sums<Number: AdditiveArithmetic>(
            _ values: [Number], _ add: (Number, Number) -> Number
        ) -> [Number] {
            var result = values
            guard !values.isEmpty else { return result }
            for line in 0..<(values.count / extent) {
                let start = line / inner * extent * inner + line % inner
                var sum = Number.zero
                for step in 0..<extent {
                    let place = start + (isReversed ? extent - 1 - step : step) * inner
                    let next = add(sum, values[place])
                    result[place] = isExclusive ? sum : next
                    sum = next
                }
            }
            return result
        }
        if x.elementType.isInteger {
            let totals = sums(try x.wholeNumbers(context), &+)
            return [try context.tensor(x.elementType, x.shape, integers: totals)]
        }
        return [try context.tensor(x.elementType, x.shape, reals: sums(try x.reals(context), +))]
    }
}
