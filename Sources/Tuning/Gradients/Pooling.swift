import Operators

/// AveragePool and MaxPool. The largest of equal elements is the first, which gets the whole slope.
struct Pooling: Step {
    private let isMaximum: Bool
    let x: Int
    let y: Int
    private let input: MapShape
    private let output: MapShape
    /// For each pixel of the output, the pixels of the input under the window.
    private let taps: [[Int]]
    /// For each pixel of the output, the number that a sum is divided by.
    private let counts: [Float]

    init(_ source: StepSource, isMaximum: Bool) throws(TuningError) {
        self.isMaximum = isMaximum
        x = try source.operand(0)
        y = source.result
        (input, output) = (source.shape(x), source.shape(y))
        let context = source.context
        guard let kernel = try? context.ints("kernel_shape"), kernel.count == 2,
            let window = try? Window(context, kernel: kernel, input: [input.height, input.width]),
            let countsPadding = try? context.flag("count_include_pad", default: false)
        else { throw source.unsupported }
        var taps: [[Int]] = []
        var counts: [Float] = []
        let width = input.width
        for row in 0..<output.height {
            let rows = Pooling.places(window, 0, row, extent: input.height)
            for column in 0..<output.width {
                let columns = Pooling.places(window, 1, column, extent: input.width)
                let inside = rows.inside.flatMap { row in columns.inside.map { row * width + $0 } }
                guard !inside.isEmpty else { throw source.unsupported }
                taps.append(inside)
                counts.append(Float(countsPadding ? rows.padded * columns.padded : inside.count))
            }
        }
        (self.taps, self.counts) = (taps, counts)
    }

    /// The places under the window along one axis, and how many of its elements lie in the input or its padding.
    private static func places(
        _ window: Window, _ axis: Int, _ position: Int, extent: Int
    ) -> (inside: [Int], padded: Int) {
        let start = position * window.strides[axis] - window.padBegin[axis]
        let all = (0..<window.kernel[axis]).map { start + $0 * window.dilations[axis] }
            .filter { $0 < extent + window.padEnd[axis] }
        return (all.filter { (0..<extent).contains($0) }, all.count)
    }

    func forward(_ tape: Tape) {
        for row in 0..<(input.channels * tape.images) {
            let (from, to) = (tape.value(x) + row * input.pixels, tape.value(y) + row * output.pixels)
            for (pixel, places) in taps.enumerated() {
                to[pixel] =
                    isMaximum
                    ? from[largest(places, from)] : places.reduce(0) { $0 + from[$1] } / counts[pixel]
            }
        }
    }

    func backward(_ tape: Tape) {
        guard let slope = tape.gradient(y), let target = tape.gradient(x) else { return }
        for row in 0..<(input.channels * tape.images) {
            let values = tape.value(x) + row * input.pixels
            let (from, to) = (slope + row * output.pixels, target + row * input.pixels)
            for (pixel, places) in taps.enumerated() {
                if isMaximum {
                    to[largest(places, values)] += from[pixel]
                } else {
                    for place in places { to[place] += from[pixel] / counts[pixel] }
                }
            }
        }
    }

    private func largest(_ places: [Int], _ values: UnsafeMutablePointer<Float>) -> Int {
        places.dropFirst().reduce(places[0]) { values[$1] > values[$0] ? $1 : $0 }
    }
}
