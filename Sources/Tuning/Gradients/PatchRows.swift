/// The patches that a window reads for a range of output pixels, counted over all images: a matrix of
/// (channels * taps) x pixels, whose columns are in the order of a filter.
struct PatchRows {
    /// Output pixels that lie side by side in one row of one image.
    private struct Run {
        let image: Int
        let row: Int
        let column: Int
        let count: Int
    }

    private let geometry: ConvolutionGeometry
    private let images: Int
    private let columns: Int
    private let runs: [Run]

    init(_ geometry: ConvolutionGeometry, images: Int, _ pixels: Range<Int>) {
        self.geometry = geometry
        self.images = images
        columns = pixels.count
        let output = geometry.output
        var runs: [Run] = []
        var place = pixels.lowerBound
        while place < pixels.upperBound {
            let (image, pixel) = place.quotientAndRemainder(dividingBy: output.pixels)
            let (row, column) = pixel.quotientAndRemainder(dividingBy: output.width)
            let count = min(output.width - column, pixels.upperBound - place)
            runs.append(Run(image: image, row: row, column: column, count: count))
            place += count
        }
        self.runs = runs
    }

    /// Writes the patches of x [C / groups, n, H, W]; what lies in the padding is zero.
    func gather(_ x: UnsafeMutablePointer<Float>, into patches: UnsafeMutablePointer<Float>) {
        let step = geometry.window.strides[1]
        forEachStretch { source, target, before, inside, after in
            let to = patches + target
            to.update(repeating: 0, count: before)
            if step == 1 {
                (to + before).update(from: x + source, count: inside)
            } else {
                for place in 0..<inside { to[before + place] = x[source + place * step] }
            }
            (to + before + inside).update(repeating: 0, count: after)
        }
    }

    /// Adds each element of the patches to the element of x that it was read from.
    func scatter(_ patches: UnsafeMutablePointer<Float>, onto x: UnsafeMutablePointer<Float>) {
        let step = geometry.window.strides[1]
        forEachStretch { source, target, before, inside, _ in
            let from = patches + target + before
            for place in 0..<inside { x[source + place * step] += from[place] }
        }
    }

    /// Calls `body` for each run and each row of patches with the place of the first element of x inside, the place
    /// of the run in the patches, and how many of its pixels lie before, in and after the map.
    @inline(__always)
    private func forEachStretch(_ body: (Int, Int, Int, Int, Int) -> Void) {
        let (input, window) = (geometry.input, geometry.window)
        let (down, across) = (window.strides[0], window.strides[1])
        for channel in 0..<geometry.depth {
            for tapRow in 0..<window.kernel[0] {
                for tapColumn in 0..<window.kernel[1] {
                    let patchRow = (channel * window.kernel[0] + tapRow) * window.kernel[1] + tapColumn
                    var target = patchRow * columns
                    for run in runs {
                        let y = run.row * down + tapRow * window.dilations[0] - window.padBegin[0]
                        let left = run.column * across + tapColumn * window.dilations[1] - window.padBegin[1]
                        var (before, inside) = (run.count, 0)
                        if y >= 0, y < input.height {
                            before = min(run.count, left < 0 ? (across - 1 - left) / across : 0)
                            let end = left < input.width ? (input.width - 1 - left) / across + 1 : 0
                            inside = max(0, min(run.count, end) - before)
                        }
                        let plane = (channel * images + run.image) * input.pixels
                        let source = inside > 0 ? plane + y * input.width + left + before * across : plane
                        body(source, target, before, inside, run.count - before - inside)
                        target += run.count
                    }
                }
            }
        }
    }
}
