import GraphIR

/// `Compress`: the slices along an axis for which a condition holds (ONNX Compress-9, 11).
///
/// input [..., n, ...], condition, bool [m] with m <= n -> [..., k, ...], where k conditions are true; k
/// depends on the contents. Without `axis` the input is flattened first.
public struct Compress: Operator {
    public let name = "Compress"
    public let versions = [9, 11]

    public func schema(opset: Int) -> OperatorSchema {
        OperatorSchema(inputs: 2...2, .optional("axis", .int))
    }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        guard let data = context.inputType(0) else { return [nil] }
        let kept = context.integers(input: 1).map { Dim.fixed($0.count { $0 != 0 }) } ?? .unknown
        guard let axis = try context.int("axis") else { return [TensorType(data.elementType, Shape([kept]))] }
        guard var shape = data.shape else { return [data] }
        shape[try context.axis(axis, rank: shape.rank)] = kept
        return [TensorType(data.elementType, shape)]
    }

    public func cost(_ context: OperatorContext) -> Cost? { .free }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let data = try context.required(inputs, 0)
        let condition = try context.required(inputs, 1)
        guard condition.rank == 1, condition.elementType == .bool else {
            throw context.error(.elementType, "the condition must be a vector of bool, is \(condition.type)")
        }
        let places = try condition.wholeNumbers(context).enumerated().filter { $0.element != 0 }.map(\.offset)
        let (shape, axis): ([Int], Int)
        if let given = try context.int("axis") {
            (shape, axis) = (data.shape, try context.axis(given, rank: data.rank))
        } else {
            (shape, axis) = ([data.elementCount], 0)
        }
        for place in places where place >= shape[axis] {
            throw context.error(.contents, "condition \(place) is true, there are \(shape[axis]) slices")
        }
        let chunk = shape[(axis + 1)...].reduce(1, *)
        let chunks = (0..<shape[..<axis].reduce(1, *)).flatMap { row in
            places.map { row * shape[axis] + $0 }
        }
        var result = shape
        result[axis] = places.count
        return [try data.gatheringChunks(context, chunks, chunk: chunk, shape: result)]
    }
}
