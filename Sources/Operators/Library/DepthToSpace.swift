import GraphIR

/// `DepthToSpace`: blocks of channels laid out as blocks of pixels (ONNX DepthToSpace-1, 11, 13).
///
/// input [N, C, H, W] -> output [N, C / b^2, H * b, W * b] with b = `blocksize`. `mode` (from opset 11):
/// `DCR` takes the channels as [b, b, C / b^2], `CRD` as [C / b^2, b, b].
public struct DepthToSpace: Operator {
    public let name = "DepthToSpace"
    public let versions = [1, 11, 13]

    public func schema(opset: Int) -> OperatorSchema {
        opset < 11
            ? OperatorSchema(inputs: 1...1, .required("blocksize", .int))
            : OperatorSchema(inputs: 1...1, .required("blocksize", .int), .optional("mode", .string))
    }

    public func inferTypes(_ context: OperatorContext) throws(OperatorError) -> [TensorType?] {
        guard let x = context.inputType(0) else { return [nil] }
        guard let shape = x.shape else { return [x] }
        let block = try block(context, shape)
        let square = Dim.fixed(block * block)
        return [
            TensorType(
                x.elementType,
                Shape([
                    shape[0], shape[1].divided(by: square), shape[2].times(.fixed(block)),
                    shape[3].times(.fixed(block)),
                ]))
        ]
    }

    public func cost(_ context: OperatorContext) -> Cost? { .free }

    public func evaluate(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let x = try context.required(inputs, 0)
        let b = try block(context, Shape(x.shape))
        let mode = try context.string("mode") ?? "DCR"
        guard mode == "DCR" || mode == "CRD" else {
            throw context.error(.attribute, "mode \"\(mode)\" is unknown")
        }
        let (n, depth, h, w) = (x.shape[0], x.shape[1] / (b * b), x.shape[2], x.shape[3])
        let plane = h * w
        // Strides of: channel, row of the block, column of the block.
        let (channel, row, column) =
            mode == "DCR" ? (plane, b * depth * plane, depth * plane) : (b * b * plane, b * plane, plane)
        let moved = try x.strided(
            context, shape: [n, depth, h, b, w, b],
            strides: [x.shape[1] * plane, channel, w, row, 1, column])
        guard let result = moved.reshaped(to: [n, depth, h * b, w * b]) else {
            throw context.error(.shape, "input \(x.type) cannot be rearranged")
        }
        return [result]
    }

    /// The block size, after checking it against the shape.
    private func block(_ context: OperatorContext, _ shape: Shape) throws(OperatorError) -> Int {
        let block = try context.int("blocksize", default: 0)
        guard block >= 1, block <= 1 << 16, shape.rank == 4, (shape[1].value ?? 0) % (block * block) == 0
        else {
            throw context.error(.shape, "input \(shape) does not divide into blocks of \(block)")
        }
        return block
    }
}
