import GraphIR

/// `SpaceToDepth`: blocks of pixels laid out as blocks of channels (ONNX SpaceToDepth-1, 13, 28).
///
/// input [N, C, H, W] -> output [N, C * b^2, H / b, W / b] with b = `blocksize`. `mode` (from opset 28):
/// `DCR` orders the channels as [b, b, C], `CRD` as [C, b, b].
public struct SpaceToDepth: Operator {
    public let name = "SpaceToDepth"
    public let versions = [1, 13, 28]

    public func schema(opset: Int) -> OperatorSchema {
        opset < 28
            ? OperatorSchema(inputs: 1...1, .required("blocksize", .int))
            : OperatorSchema(inputs: 1...1, .required("blocksize", .int), .optional("mode", .string))
    }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        guard let x = context.inputType(0) else { return [nil] }
        guard let shape = x.shape else { return [x] }
        let block = Dim.fixed(try block(context, shape))
        let dims = [
            shape[0], shape[1].times(block).times(block), shape[2].divided(by: block),
            shape[3].divided(by: block),
        ]
        return [TensorType(x.elementType, Shape(dims))]
    }

    public func cost(_ context: OperatorContext) -> Cost? { .free }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let x = try context.required(inputs, 0)
        let b = try block(context, Shape(x.shape))
        let mode = try context.string("mode") ?? "DCR"
        guard mode == "DCR" || mode == "CRD" else {
            throw context.error(.attribute, "mode \"\(mode)\" is unknown")
        }
        let (n, c, h, w) = (x.shape[0], x.shape[1], x.shape[2] / b, x.shape[3] / b)
        let result = [n, try context.checkedCount([c, b, b]), h, w]
        // Strides of the channel, of the row and of the column within a block.
        let (channel, row, column) = (x.shape[2] * x.shape[3], x.shape[3], 1)
        let isDepthLast = mode == "DCR"
        let moved = try x.strided(
            context, shape: isDepthLast ? [n, b, b, c, h, w] : [n, c, b, b, h, w],
            strides: [c * channel] + (isDepthLast ? [row, column, channel] : [channel, row, column])
                + [b * row, b])
        guard let output = moved.reshaped(to: result) else {
            throw context.error(.shape, "input \(x.type) cannot be rearranged")
        }
        return [output]
    }

    /// The block size, after checking it against the shape.
    private func block(_ context: OperatorContext, _ shape: Shape) throws(OperatorError) -> Int {
        let block = try context.int("blocksize", default: 0)
        guard block >= 1, block <= 1 << 16, shape.rank == 4,
            (shape[2].value ?? 0) % block == 0, (shape[3].value ?? 0) % block == 0
        else {
            throw context.error(.shape, "input \(shape) does not divide into blocks of \(block)")
        }
        return block
    }
}
