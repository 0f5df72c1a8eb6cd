import GraphIR

/// `ReverseSequence`: the first elements of each sequence of a batch in reverse order (ONNX
/// ReverseSequence-10).
///
/// input of rank >= 2, sequence_lens, int64 [batch] -> like input. `batch_axis` (default 1) and `time_axis`
/// (default 0) are axes 0 and 1 in either order; elements beyond a sequence's length stay in place.
public struct ReverseSequence: Operator {
    public let name = "ReverseSequence"
    public let versions = [10]

    public func schema(opset: Int) -> OperatorSchema {
        OperatorSchema(inputs: 2...2, .optional("batch_axis", .int), .optional("time_axis", .int))
    }

    public func inferTypes(_ context: OperatorContext) -> [TensorType?] { [context.inputType(0)] }

    public func cost(_ context: OperatorContext) -> Cost? { .free }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let input = try context.required(inputs, 0)
        let lengths = try context.required(inputs, 1).wholeNumbers(context)
        let batchAxis = try context.int("batch_axis", default: 1)
        let timeAxis = try context.int("time_axis", default: 0)
        guard (0...1).contains(batchAxis), timeAxis == 1 - batchAxis else {
            throw context.error(
                .attribute, "batch_axis \(batchAxis) and time_axis \(timeAxis) must be 0 and 1")
        }
        guard input.rank >= 2, lengths.count == input.shape[batchAxis],
            lengths.allSatisfy({ (0...input.shape[timeAxis]).contains($0) })
        else {
            throw context.error(.contents, "sequence_lens \(lengths) do not fit input \(input.type)")
        }
        let (rows, columns) = (input.shape[0], input.shape[1])
        let chunks = (0..<rows).flatMap { row in
            (0..<columns).map { column in
                let (step, length) = batchAxis == 0 ? (column, lengths[row]) : (row, lengths[column])
                let source = step < length ? length - 1 - step : step
                return batchAxis == 0 ? row * columns + source : source * columns + column
            }
        }
        let chunk = input.shape[2...].reduce(1, *)
        return [try input.gatheringChunks(context, chunks, chunk: chunk, shape: input.shape)]
    }
}
