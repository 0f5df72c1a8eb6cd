import GraphIR

/// `Trilu`: the upper or lower triangles of matrices, zeros elsewhere (ONNX Trilu-14).
///
/// input [..., n, m], optional k (one int64, default 0) -> like input. `upper` (the default) keeps the
/// elements where column - row >= k, otherwise those where column - row <= k.
public struct Trilu: Operator {
    public let name = "Trilu"
    public let versions = [14]

    public func schema(opset: Int) -> OperatorSchema {
        OperatorSchema(inputs: 1...2, .optional("upper", .flag))
    }

    public func inferTypes(_ context: OperatorContext) -> [TensorType?] { [context.inputType(0)] }

    public func cost(_ context: OperatorContext) -> Cost? { .free }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let input = try context.required(inputs, 0)
        guard input.rank >= 2 else {
            throw context.error(.shape, "takes matrices, the input is \(input.type)")
        }
        let offsets = inputs.count > 1 ? try inputs[1]?.wholeNumbers(context) ?? [0] : [0]
        guard offsets.count == 1 else { throw context.error(.contents, "k must be one integer") }
        let isUpper = try context.flag("upper", default: true)
        let (rows, columns) = (input.shape[input.rank - 2], input.shape[input.rank - 1])
        // Beyond the matrix, larger offsets change nothing.
        let k = min(max(offsets[0], -rows), columns)
        var result = try TensorAssembler(context, input.elementType, shape: input.shape)
        let matrices = input.shape.dropLast().reduce(1, *)
        for row in 0..<(columns > 0 ? matrices : 0) {
            let diagonal = row % rows + k
            let kept = isUpper ? max(0, diagonal)..<max(columns, diagonal) : 0..<max(0, diagonal + 1)
            let range = kept.clamped(to: 0..<columns)
            let start = row * columns + range.lowerBound
            result.copy(input, from: start, count: range.count, to: start)
        }
        return [try result.finish()]
    }
}
