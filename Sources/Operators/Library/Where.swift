import GraphIR

/// `Where`: elements of X where the condition holds, of Y elsewhere, with broadcasting (ONNX Where-9, 16).
public struct Where: Operator {
    public let name = "Where"
    public let versions = [9, 16]

    public func schema(opset: Int) -> OperatorSchema { OperatorSchema(inputs: 3...3) }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        guard let type = context.inputType(1)?.elementType ?? context.inputType(2)?.elementType else {
            return [nil]
        }
        return [TensorType(type, try context.broadcastInputs())]
    }

    public func inferExtents(_ context: OperatorContext) -> [Dim]? {
        let condition =
            context.extents(input: 0)
            ?? context.constant(0).flatMap { $0.elementCount <= 64 ? $0.integers?.map(Dim.fixed) : nil }
        guard let condition, let x = context.extents(input: 1), let y = context.extents(input: 2) else {
            return nil
        }
        let count = max(condition.count, x.count, y.count)
        guard [condition, x, y].allSatisfy({ $0.count == count || $0.count == 1 }) else { return nil }
        return (0..<count).map { index in
            func element(_ list: [Dim]) -> Dim { list[list.count == 1 ? 0 : index] }
            switch element(condition) {
            case .fixed(0): return element(y)
            case .fixed: return element(x)
            default: return element(x).isKnownEqual(to: element(y)) ? element(x) : .unknown
            }
        }
    }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let condition = try context.required(inputs, 0)
        let x = try context.required(inputs, 1)
        let y = try context.required(inputs, 2)
        guard x.elementType == y.elementType else {
            throw context.error(.elementType, "the inputs differ in their element type")
        }
        let broadcast = try Broadcast(context, [condition.shape, x.shape, y.shape])
        let picks = broadcast.spread(try condition.elements(of: Bool.self), of: condition.shape)
        let fromX = broadcast.spread(Array(0..<x.elementCount), of: x.shape)
        let fromY = broadcast.spread(Array(0..<y.elementCount), of: y.shape)
        var result = try TensorAssembler(context, x.elementType, shape: broadcast.shape)
        for (target, picksX) in picks.enumerated() {
            result.copy(
                picksX ? x : y, from: picksX ? fromX[target] : fromY[target], count: 1, to: target)
        }
        return [try result.finish()]
    }
}
