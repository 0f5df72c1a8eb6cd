/// A fixed number of floats at a fixed address, zero at first.
///
/// Several threads may use one buffer as long as none writes what another one reads or writes.
package final class FloatBuffer: @unchecked Sendable {
    package let start: UnsafeMutablePointer<Float>
    package let count: Int

    package init(count: Int) {
        start = .allocate(capacity: max(1, count))
        start.initialize(repeating: 0, count: max(1, count))
        self.count = count
    }

    package convenience init(_ elements: [Float]) {
        self.init(count: elements.count)
        for (place, element) in elements.enumerated() { start[place] = element }
    }

    deinit { start.deallocate() }

    package var elements: [Float] { Array(UnsafeBufferPointer(start: start, count: count)) }

    package func clear() { start.update(repeating: 0, count: count) }
}
