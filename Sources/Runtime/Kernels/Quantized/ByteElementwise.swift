import CKernels
import GraphIR

extension LinearQuantization {
    /// The bytes at an address as an operand of the kernels, in units of `unit`.
    func operand(_ data: UnsafePointer<UInt8>, in unit: Float) -> ck_q_operand {
        ck_q_operand(data: data, is_signed: isSigned, zero: Int32(zero), factor: scale / unit)
    }
}

/// A quantised result: its quantisation, and the elements that a clamp allows.
struct ByteResult: Sendable {
    let quantization: LinearQuantization
    let range: ClosedRange<Int>

    var zero: Int32 { Int32(quantization.zero) }
    var low: Int32 { Int32(range.lowerBound) }
    var high: Int32 { Int32(range.upperBound) }
}

/// y = QuantizeLinear(x), in any layout.
struct QuantizeKernel: Kernel {
    let set: InstructionSet
    let chunks: Chunks
    let result: ByteResult

    var name: String { "quantize" }
    var phases: [Int] { [chunks.count] }

    func run(phase: Int, task: Int, _ operands: Operands, scratch: UnsafeMutablePointer<Float>) {
        let range = chunks[task]
        ck_q_quantize(
            set.kernels, operands.input(0) + range.lowerBound,
            operands.output(0, of: UInt8.self) + range.lowerBound, range.count, result.quantization.scale,
            result.zero, result.low, result.high)
    }
}

/// y = DequantizeLinear(x), in any layout.
struct DequantizeKernel: Kernel {
    let set: InstructionSet
    let chunks: Chunks
    let quantization: LinearQuantization

    var name: String { "dequantize" }
    var phases: [Int] { [chunks.count] }

    func run(phase: Int, task: Int, _ operands: Operands, scratch: UnsafeMutablePointer<Float>) {
        let range = chunks[task]
        ck_q_dequantize(
            set.kernels, operands.input(0, of: UInt8.self) + range.lowerBound, quantization.isSigned,
            operands.output() + range.lowerBound, range.count, quantization.scale, Int32(quantization.zero))
    }
}

/// The sum or product of two tensors of bytes of one shape, in any layout.
struct ByteBinary: Kernel {
    let set: InstructionSet
    let chunks: Chunks
    let isProduct: Bool
    let left: LinearQuantization
    let right: LinearQuantization
    let result: ByteResult

    var name: String { isProduct ? "int8 multiply" : "int8 add" }
    var phases: [Int] { [chunks.count] }

    func run(phase: Int, task: Int, _ operands: Operands, scratch: UnsafeMutablePointer<Float>) {
        let (range, unit) = (chunks[task], result.quantization.scale)
        var a = left.operand(operands.input(0) + range.lowerBound, in: unit)
        var b = right.operand(operands.input(1) + range.lowerBound, in: unit)
        let target = operands.output(0, of: UInt8.self) + range.lowerBound
        if isProduct {
            ck_q_multiply(
                set.kernels, &a, &b, left.scale * right.scale / unit, target, range.count, result.zero,
                result.low,
                result.high)
        } else {
            ck_q_add(set.kernels, &a, &b, target, range.count, result.zero, result.low, result.high)
        }
    }
}

/// A function of one byte as a table of its 256 values, in any layout.
struct ByteMap: Kernel {
    let chunks: Chunks
    let table: [UInt8]

    var name: String { "int8 table" }
    var phases: [Int] { [chunks.count] }

    func run(phase: Int, task: Int, _ operands: Operands, scratch: UnsafeMutablePointer<Float>) {
        let range = chunks[task]
        table.withUnsafeBufferPointer {
            ck_q_map(
                $0.baseAddress, operands.input(0, of: UInt8.self) + range.lowerBound,
                operands.output(0, of: UInt8.self) + range.lowerBound, range.count)
        }
    }
}

/// Images of bytes in the blocked layout times a factor for each channel. Operands: the images, the factors.
struct ByteScale: Kernel {
    let set: InstructionSet
    let image: BlockedImage
    let quantization: LinearQuantization
    /// The factors' quantisation; nil if they are floats.
    let factors: LinearQuantization?
    /// The number of elements from a sample's factors to the next sample's.
    let factorStep: Int
    let result: ByteResult

    var name: String { "int8 scale NCHW16c" }
    var phases: [Int] { [image.batch * image.blocks] }

    func run(phase: Int, task: Int, _ operands: Operands, scratch: UnsafeMutablePointer<Float>) {
        let (sample, first) = (task / image.blocks, task % image.blocks * 16)
        let (start, unit) = (task * image.plane, result.quantization.scale)
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 16) { lanes in
            lanes.initialize(repeating: 0)
            for lane in 0..<min(16, image.channels - first) {
                lanes[lane] = quantization.scale * factor(sample * factorStep + first + lane, operands) / unit
            }
            var a = quantization.operand(operands.input(0) + start, in: unit)
            ck_q_scale_block(
                set.kernels, &a, lanes.baseAddress, operands.output(0, of: UInt8.self) + start,
                image.height * image.width, result.zero, result.low, result.high)
        }
    }

    private func factor(_ index: Int, _ operands: Operands) -> Float {
        guard let factors else { return operands.input(1, of: Float.self)[index] }
        let element =
            factors.isSigned
            ? Int(operands.input(1, of: Int8.self)[index]) : Int(operands.input(1, of: UInt8.self)[index])
        return Float(element - factors.zero) * factors.scale
    }
}
