import CKernels
import GraphIR

/// MaxPool and AveragePool over images of bytes in the blocked layout.
struct BytePooling: Kernel {
    let set: InstructionSet
    let shape: ck_pool_shape
    let output: BlockedImage
    let input: LinearQuantization
    let result: ByteResult

    var name: String { shape.kind == CK_POOL_MAX ? "int8 max pool NCHW16c" : "int8 average pool NCHW16c" }
    var phases: [Int] { [output.batch * output.blocks] }

    func run(phase: Int, task: Int, _ operands: Operands, scratch: UnsafeMutablePointer<Float>) {
        var shape = shape
        let rows = Int64(output.height)
        ck_q_pool(
            set.kernels, &shape, operands.input(0, of: UInt8.self), input.isSigned, Int32(input.zero),
            input.scale / result.quantization.scale, operands.output(0, of: UInt8.self), result.zero,
            result.low,
            result.high, Int64(task) * rows, Int64(task + 1) * rows)
    }
}

/// Means over the planes of images of bytes in the blocked layout, written row-major.
struct ByteMeans: Kernel {
    let set: InstructionSet
    let image: BlockedImage
    let input: LinearQuantization
    let result: ByteResult

    var name: String { "int8 global average pool NCHW16c" }
    private var chunks: Chunks {
        Chunks(of: image.batch * image.blocks, size: (64 << 10) / max(1, image.plane))
    }
    var phases: [Int] { [chunks.count] }

    func run(phase: Int, task: Int, _ operands: Operands, scratch: UnsafeMutablePointer<Float>) {
        let from: UnsafePointer<UInt8> = operands.input(0)
        let to: UnsafeMutablePointer<UInt8> = operands.output()
        let pixels = image.height * image.width
        let factor = input.scale / (result.quantization.scale * Float(pixels))
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 16) { lanes in
            guard let start = lanes.baseAddress else { return }
            for index in chunks[task] {
                let (sample, first) = (index / image.blocks, index % image.blocks * 16)
                ck_q_global_average(
                    set.kernels, from + index * image.plane, input.isSigned, Int32(input.zero), Int64(pixels),
                    factor,
                    start, result.zero, result.low, result.high)
                (to + sample * image.channels + first).update(
                    from: start, count: min(16, image.channels - first))
            }
        }
    }
}
