import GraphIR

/// `ConstantOfShape`: a tensor of the given extents filled with one value (ONNX ConstantOfShape-9, 20, 21,
/// 23).
///
/// input [rank] int64 -> output of that shape; `value` is a tensor of one element, float 0 by default.
public struct ConstantOfShape: Operator {
    public let name = "ConstantOfShape"
    public let versions = [9, 20, 21, 23]

    public func schema(opset: Int) -> OperatorSchema {
        OperatorSchema(inputs: 1...1, .optional("value", .tensor))
    }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        let type = try value(context).elementType
        if let dims = context.extents(input: 0) ?? context.integers(input: 0)?.map(Dim.fixed) {
            for case .fixed(let extent) in dims where extent < 0 {
                throw context.error(.contents, "an extent of \(extent) is not possible")
            }
            return [TensorType(type, Shape(dims))]
        }
        guard let rank = context.shape(0)?.dims.first?.value, rank <= 64 else {
            return [TensorType(type, nil)]
        }
        return [TensorType(type, Shape([Dim](repeating: .unknown, count: rank)))]
    }

    public func inferExtents(_ context: OperatorContext) throws(OperatorError) -> [Dim]? {
        guard let shape = context.fixedExtents(input: 0), shape.count <= 1,
            let count = Shape.elementCount(of: shape), count <= 64,
            let element = OperatorContext.extents(of: try value(context))?.first
        else { return nil }
        return [Dim](repeating: element, count: count)
    }

    public func cost(_ context: OperatorContext) -> Cost? { .free }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let shape = try context.required(inputs, 0).wholeNumbers(context)
        let value = try value(context)
        let count = try context.checkedCount(shape)
        guard value.elementType != .string, value.elementType.bitWidth >= 8 else {
            throw context.error(.elementType, "does not fill with \(value.elementType.onnxName)")
        }
        let element = value.bytes.withUnsafeBytes { Array($0) }
        let bytes = ByteRegion(count: count * element.count) { target in
            guard let start = target.baseAddress, !target.isEmpty else { return }
            // Doubles what is filled: networks without weights make hundreds of megabytes this way.
            target.copyBytes(from: element)
            var filled = element.count
            while filled < target.count {
                let added = min(filled, target.count - filled)
                (start + filled).copyMemory(from: start, byteCount: added)
                filled += added
            }
        }
        return [try Tensor(value.elementType, shape: shape, bytes: bytes)]
    }

    private func value(_ context: OperatorContext) throws(OperatorError) -> Tensor {
        guard let value = try context.tensor("value") else { return Tensor(scalar: Float(0)) }
        guard value.elementCount == 1 else {
            throw context.error(.attribute, "value must have one element, not \(value.elementCount)")
        }
        return value
    }
}
