import CKernels

/// Row-major bytes of several parts, each mapped by a table, one after the other in each row.
struct ByteConcat: Kernel {
    let rows: Int
    /// Bytes of a row of each part.
    let partBytes: [Int]
    let tables: [[UInt8]]

    var name: String { "int8 concat" }
    var phases: [Int] { [partBytes.count] }

    func run(phase: Int, task: Int, _ operands: Operands, scratch: UnsafeMutablePointer<Float>) {
        let (size, joined) = (partBytes[task], partBytes.reduce(0, +))
        let offset = partBytes[..<task].reduce(0, +)
        let from: UnsafePointer<UInt8> = operands.input(task)
        let to: UnsafeMutablePointer<UInt8> = operands.output()
        tables[task].withUnsafeBufferPointer { table in
            for row in 0..<rows {
                ck_q_map(table.baseAddress, from + row * size, to + row * joined + offset, size)
            }
        }
    }
}

/// Images of bytes, each mapped by a table, joined along their channels in the blocked layout.
struct BlockedByteConcat: Kernel {
    let output: BlockedImage
    let parts: [BlockedImage]
    let tables: [[UInt8]]

    var name: String { "int8 concat NCHW16c" }
    /// A sample's parts in order: a part may start in the last block of the one before, whose other lanes hold
    /// anything.
    var phases: [Int] { [output.batch] }

    func run(phase: Int, task: Int, _ operands: Operands, scratch: UnsafeMutablePointer<Float>) {
        let to = operands.output(0, of: UInt8.self) + task * output.sample
        var first = 0
        for (index, part) in parts.enumerated() {
            let from = operands.input(index, of: UInt8.self) + task * part.sample
            tables[index].withUnsafeBufferPointer { table in
                if first % 16 == 0 {
                    ck_q_map(table.baseAddress, from, to + first / 16 * output.plane, part.sample)
                } else {
                    copyLanes(part, from, first: first, to, table)
                }
            }
            first += part.channels
        }
    }

    private func copyLanes(
        _ part: BlockedImage, _ from: UnsafePointer<UInt8>, first: Int, _ to: UnsafeMutablePointer<UInt8>,
        _ table: UnsafeBufferPointer<UInt8>
    ) {
        for channel in 0..<part.channels {
            let target = first + channel
            let source = from + channel / 16 * part.plane + channel % 16
            let place = to + target / 16 * output.plane + target % 16
            for pixel in stride(from: 0, to: output.plane, by: 16) {
                place[pixel] = table[Int(source[pixel])]
            }
        }
    }
}
