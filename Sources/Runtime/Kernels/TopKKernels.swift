import GraphIR
import Operators

/// TopK of floats along the last axis, best first, the lower index first among equals; NaN ranks above all.
enum TopKKernels: KernelFamily {
    static let operators = ["TopK"]

    static func choose(_ request: KernelRequest) throws -> KernelChoice? {
        guard let x = request.input(0), x.elementType == .float32, let extent = x.shape.last, extent > 0,
            extent <= Int(UInt32.max), let k = request.outputs.compactMap({ $0 }).first?.shape.last,
            try request.context.axis(
                try request.context.int("axis", default: -1), rank: x.shape.count) == x.shape.count - 1
        else { return nil }
        return KernelChoice(
            kernel: TopKKernel(
                rows: x.elementCount / extent, extent: extent, k: k,
                takesLargest: try request.context.int("largest", default: 1) != 0,
                hasIndices: request.outputs.count > 1 && request.outputs[1] != nil,
                hasValues: request.outputs[0] != nil))
    }
}

private struct TopKKernel: Kernel {
    let rows: Int
    let extent: Int
    let k: Int
    let takesLargest: Bool
    let hasIndices: Bool
    let hasValues: Bool

    var phases: [Int] { [rows] }

    func run(phase: Int, task: Int, _ operands: Operands, scratch: UnsafeMutablePointer<Float>) {
        let x: UnsafePointer<Float> = operands.input(0) + task * extent
        // One integer holds rank and index, so that sorting integers breaks ties by index.
        var keys = (0..<extent).map { UInt64(rank(x[$0])) << 32 | UInt64($0) }
        keys.sort()
        for place in 0..<k {
            let index = Int(keys[place] & 0xffff_ffff)
            if hasValues { operands.output(0)[task * k + place] = x[index] }
            if hasIndices { operands.output(1, of: Int64.self)[task * k + place] = Int64(index) }
        }
    }

    /// An integer that is smaller for better elements.
    private func rank(_ element: Float) -> UInt32 {
        // Both zeros are equal, and so are all NaNs; positive NaN has the largest bits of all positives.
        let bits = element.isNaN ? 0x7fff_ffff : (element == 0 ? 0 : element.bitPattern)
        let ascending = bits >> 31 == 0 ? bits | 0x8000_0000 : ~bits
        return takesLargest ? ~ascending : ascending
    }
}
