import GraphIR

/// `ScatterND`: `data` with slices replaced by, or combined with, `updates` at tuples of indices
/// (ONNX ScatterND-11, 13, 16, 18).
///
/// data of rank r, indices [..., q], updates indices.shape[..<(n-1)] + data.shape[q...] -> output like data.
public struct ScatterND: Operator {
    public let name = "ScatterND"
    public let versions = [11, 13, 16, 18]

    public func schema(opset: Int) -> OperatorSchema {
        opset < 16
            ? OperatorSchema(inputs: 3...3)
            : OperatorSchema(inputs: 3...3, .optional("reduction", .string))
    }

    public func inferTypes(_ context: OperatorContext) -> [TensorType?] { [context.inputType(0)] }

    public func cost(_ context: OperatorContext) -> Cost? { .free }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let data = try context.required(inputs, 0)
        let indexTensor = try context.required(inputs, 1)
        let updates = try context.required(inputs, 2)
        guard let tuple = indexTensor.shape.last, tuple <= data.rank,
            updates.shape == Array(indexTensor.shape.dropLast()) + Array(data.shape[tuple...])
        else {
            throw context.error(
                .shape, "updates \(updates.type) and indices \(indexTensor.type) do not fit data \(data.type)"
            )
        }
        let reduction = try ScatterReduction(context)
        guard !updates.shape.contains(0) else { return [data] }
        let indices = try indexTensor.wholeNumbers(context)
        let chunk = data.shape[tuple...].reduce(1, *)
        let extents = Array(data.shape[..<tuple])
        var places: [Int] = []
        for position in 0..<(updates.elementCount / chunk) {
            let place = try context.tuplePlace(
                indices[(position * tuple)..<((position + 1) * tuple)], in: extents)
            places.append(place * chunk)
        }
        return [try reduction.apply(context, data, updates, places: places, chunk: chunk)]
    }
}
