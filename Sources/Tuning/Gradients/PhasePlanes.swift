/// A channel of an image in its padding, cut by the strides of a window into planes in which every tap reads
/// neighbours:
///
///     stride 1, kernel 3:  0 a b c d 0    one plane; the taps' runs begin at 0, 1 and 2
///     stride 2, kernel 3:  0 a b c d      planes 0 b d and a c; the runs begin at 0 of the first, 0 of the second and
///                                         1 of the first
///
/// All rows of a plane lie behind one another, `pitch` floats apart: more than a row of the output has, so that a run of
/// `run` floats from a tap's place on goes through all rows of the output. What it holds in the columns beyond the
/// output's width belongs to no pixel.
struct PhasePlanes: Sendable {
    /// Floats from a row to the next.
    let pitch: Int
    /// Floats of a run: the rows of the output, each of `pitch` floats.
    let run: Int
    /// The places of the taps' runs, in the order of a filter: the plane, and the place in it.
    let taps: [(plane: Int, place: Int)]
    /// The furthest place of a tap.
    let reach: Int
    /// Planes, and the floats of one.
    let count: Int
    let elements: Int
    private let rows: Int
    private let geometry: ConvolutionGeometry

    init(_ geometry: ConvolutionGeometry) {
        let (window, output) = (geometry.window, geometry.output)
        let (down, across) = (window.strides[0], window.strides[1])
        let furthest = (
            row: (window.kernel[0] - 1) * window.dilations[0] / down,
            column: (window.kernel[1] - 1) * window.dilations[1] / across
        )
        let pitch = output.width + furthest.column
        self.geometry = geometry
        self.pitch = pitch
        run = output.height * pitch
        rows = output.height + furthest.row
        reach = furthest.row * pitch + furthest.column
        count = down * across
        elements = rows * pitch + furthest.column
        taps = (0..<window.kernel[0]).flatMap { row in
            (0..<window.kernel[1]).map { column in
                let (y, x) = (row * window.dilations[0], column * window.dilations[1])
                return (y % down * across + x % across, y / down * pitch + x / across)
            }
        }
    }

    /// The runs of all taps in planes that lie there.
    func runs(in planes: UnsafePointer<Float>) -> [UnsafePointer<Float>?] {
        taps.map { planes + $0.plane * elements + $0.place }
    }

    /// Writes the planes of a channel [H, W]; the padding is zero.
    func split(_ x: UnsafePointer<Float>, into planes: UnsafeMutablePointer<Float>) {
        let step = geometry.window.strides[1]
        planes.update(repeating: 0, count: count * elements)
        forEachRow { place, source, count in
            let (to, from) = (planes + place, x + source)
            if step == 1 {
                to.update(from: from, count: count)
            } else {
                for column in 0..<count { to[column] = from[column * step] }
            }
        }
    }

    /// Adds each element of the planes to the element of the channel that `split` reads it from.
    func merge(_ planes: UnsafePointer<Float>, onto x: UnsafeMutablePointer<Float>) {
        let step = geometry.window.strides[1]
        forEachRow { place, target, count in
            let (from, to) = (planes + place, x + target)
            if step == 1 {
                for column in 0..<count { to[column] += from[column] }
            } else {
                for column in 0..<count { to[column * step] += from[column] }
            }
        }
    }

    /// Calls `body` for each row of the planes that shows a part of the channel, with the place of its first element
    /// there, the place of that element in the channel, and how many there are.
    @inline(__always)
    private func forEachRow(_ body: (Int, Int, Int) -> Void) {
        let (input, window) = (geometry.input, geometry.window)
        let (down, across) = (window.strides[0], window.strides[1])
        for plane in 0..<count {
            let left = plane % across - window.padBegin[1]
            let first = left < 0 ? (across - 1 - left) / across : 0
            let end = left < input.width ? min(pitch, (input.width - 1 - left) / across + 1) : 0
            guard first < end else { continue }
            for row in 0..<rows {
                let y = row * down + plane / across - window.padBegin[0]
                guard y >= 0, y < input.height else { continue }
                body(
                    plane * elements + row * pitch + first, y * input.width + left + first * across,
                    end - first)
            }
        }
    }
}
