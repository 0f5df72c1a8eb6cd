import CKernels
import GraphIR
import Operators

/// MaxPool and AveragePool over images in the blocked layout.
enum BlockedPooling: KernelFamily {
    static let operators = ["MaxPool", "AveragePool"]

    static func choose(_ request: KernelRequest) throws -> KernelChoice? {
        guard request.outputs.dropFirst().allSatisfy({ $0 == nil }), request.isFloat,
            let input = BlockedImage(request.input(0)),
            let output = BlockedImage(request.outputs.first ?? nil),
            let extents = try request.context.ints("kernel_shape"),
            let window = try Window(request.context, kernel: extents, input: [input.height, input.width]),
            extents.count == 2,
            let shape = try shape(request, input, output, window)
        else { return nil }
        return KernelChoice(
            kernel: BlockedPoolingKernel(
                set: request.settings.instructionSet.kernels, shape: shape, input: input, output: output),
            inputLayouts: [.blocked],
            outputLayouts: [.blocked] + request.outputs.dropFirst().map { _ in .rowMajor })
    }

    /// Nil if a size exceeds the kernels' integers.
    static func shape(
        _ request: KernelRequest, _ input: BlockedImage, _ output: BlockedImage, _ window: Window
    ) throws -> ck_pool_shape? {
        let kind =
            request.node.isOperator("MaxPool")
            ? CK_POOL_MAX
            : try request.context.int("count_include_pad", default: 0) != 0
                ? CK_POOL_AVERAGE_WITH_PADDING : CK_POOL_AVERAGE
        let numbers = window.kernel + window.strides + window.dilations + window.padBegin + window.padEnd
        guard numbers.allSatisfy({ $0 < 1 << 14 }) else { return nil }
        let n = numbers.map(Int32.init)
        return ck_pool_shape(
            kind: kind, batch: Int32(input.batch), channels: Int32(input.channels),
            in_height: Int32(input.height), in_width: Int32(input.width),
            out_height: Int32(output.height), out_width: Int32(output.width), kernel_height: n[0],
            kernel_width: n[1], stride_y: n[2], stride_x: n[3], dilation_y: n[4], dilation_x: n[5],
            pad_top: n[6], pad_left: n[7], pad_bottom: n[8], pad_right: n[9])
    }
}

private struct BlockedPoolingKernel: Kernel {
    let set: ck_isa
    let shape: ck_pool_shape
    let input: BlockedImage
    let output: BlockedImage

    var name: String { shape.kind == CK_POOL_MAX ? "max pool NCHW16c" : "average pool NCHW16c" }
    var phases: [Int] { [output.batch * output.blocks] }

    func run(phase: Int, task: Int, _ operands: Operands, scratch: UnsafeMutablePointer<Float>) {
        var (shape, from) = (shape, input.view(operands.input(0) as UnsafePointer<Float>))
        var to = output.view(operands.output() as UnsafeMutablePointer<Float>)
        let rows = Int64(output.height)
        ck_pool_run(set, &shape, &from, &to, Int64(task) * rows, Int64(task + 1) * rows)
    }
}
