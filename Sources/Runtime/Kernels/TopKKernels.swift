import GraphIR
import Operators

/// TopK of floats or 64-bit integers along contiguous elements, best first. The lower index comes first among
/// equals; NaN ranks above all.
enum TopKKernels: KernelFamily {
    static let operators = ["TopK"]

    static func choose(_ request: KernelRequest) throws -> KernelChoice? {
        guard let x = request.input(0), x.elementType == .float32 || x.elementType == .int64,
            !x.shape.isEmpty
        else { return nil }
        let axis = try request.context.axis(
            try request.context.int("axis", default: -1), rank: x.shape.count)
        let extent = x.shape[axis]
        guard extent > 0, extent <= Int(UInt32.max), x.shape[(axis + 1)...].allSatisfy({ $0 == 1 }),
            let k = request.outputs.compactMap({ $0 }).first?.shape[axis]
        else { return nil }
        return KernelChoice(
            kernel: TopKKernel(
                rows: x.elementCount / extent, extent: extent, k: k,
                takesLargest: try request.context.int("largest", default: 1) != 0,
                isFloat: x.elementType == .float32,
                hasValues: request.outputs[0] != nil,
                hasIndices: request.outputs.count > 1 && request.outputs[1] != nil))
    }
}

private struct TopKKernel: Kernel {
    let rows: Int
    let extent: Int
    let k: Int
    let takesLargest: Bool
    let isFloat: Bool
    let hasValues: Bool
    let hasIndices: Bool

    var name: String { "top-k" }
    var phases: [Int] { [rows] }

    func run(phase: Int, task: Int, _ operands: Operands, scratch: UnsafeMutablePointer<Float>) {
        if isFloat {
            select(operands.input(0, of: Float.self) + task * extent, task, operands, rank)
        } else {
            select(operands.input(0, of: Int64.self) + task * extent, task, operands, rank)
        }
    }

    /// - Parameter rank: maps an element to an integer, smaller for better elements; nil if 32 bits cannot
    ///   hold it.
    private func select<Element>(
        _ x: UnsafePointer<Element>, _ row: Int, _ operands: Operands, _ rank: (Element) -> UInt32?
    ) where Element: Comparable {
        // One integer holds rank and index, so sorting integers breaks ties by index.
        var keys: [UInt64] = []
        keys.reserveCapacity(extent)
        for index in 0..<extent {
            guard let rank = rank(x[index]) else { break }
            keys.append(UInt64(rank) << 32 | UInt64(index))
        }
        if keys.count == extent {
            keys = smallest(of: keys)
        } else {
            keys = (0..<UInt64(extent)).sorted { a, b in
                let (first, second) = (x[Int(a)], x[Int(b)])
                return first == second ? a < b : takesLargest ? first > second : first < second
            }
        }
        for place in 0..<k {
            let index = Int(keys[place] & 0xffff_ffff)
            if hasValues { operands.output(0, of: Element.self)[row * k + place] = x[index] }
            if hasIndices { operands.output(1, of: Int64.self)[row * k + place] = Int64(index) }
        }
    }

    /// The `k` smallest keys, ascending; the lower halves of keys are their indices. O(keys + k log k).
    private func smallest(of keys: [UInt64]) -> [UInt64] {
        // Finds the k-th smallest upper half, from its highest byte to its lowest. `remaining` is its rank
        // among those that share the bytes found so far.
        var (bound, remaining) = (UInt64(0), k)
        for shift in stride(from: 56, through: 32, by: -8) {
            var counts = [Int](repeating: 0, count: 256)
            for key in keys where (key ^ bound) >> (shift + 8) == 0 {
                counts[Int((key >> shift) & 0xff)] += 1
            }
            var byte = 0
            while remaining > counts[byte] {
                remaining -= counts[byte]
                byte += 1
            }
            bound |= UInt64(byte) << shift
        }
        var chosen: [UInt64] = []
        chosen.reserveCapacity(k)
        for key in keys {
            let rank = (key >> 32) << 32
            if rank > bound || (rank == bound && remaining == 0) { continue }
            if rank == bound { remaining -= 1 }
            chosen.append(key)
        }
        return chosen.sorted()
    }

    private func rank(_ element: Float) -> UInt32? {
        // Both zeros are equal, and so are all NaNs; positive NaN has the largest bits of all positives.
        let bits = element.isNaN ? 0x7fff_ffff : (element == 0 ? 0 : element.bitPattern)
        let ascending = bits >> 31 == 0 ? bits | 0x8000_0000 : ~bits
        return takesLargest ? ~ascending : ascending
    }

    private func rank(_ element: Int64) -> UInt32? {
        guard let narrow = Int32(exactly: element) else { return nil }
        let ascending = UInt32(bitPattern: narrow) ^ 0x8000_0000
        return takesLargest ? ~ascending : ascending
    }
}
