import COpenBLAS

/// Conv as matrix products: with P(x) the patches that the window reads, one column for each output pixel,
///
///     y = W P(x) + b    dW += dy P(x)'    dP = W' dy    dx += P'(dP)    db += sum dy
///
/// group by group. Patches are made for so many pixels at a time that they stay in a processor's cache. A pointwise
/// convolution reads x itself.
struct Convolution: Step {
    private let geometry: ConvolutionGeometry
    /// Elements of one column of patches.
    private let height: Int
    /// Output pixels whose patches are made at once.
    private let tile: Int

    /// The most elements of a tile of patches: half a MiB.
    private static let tileElements = 1 << 17

    init(_ geometry: ConvolutionGeometry) {
        self.geometry = geometry
        height = geometry.depth * geometry.taps
        tile = max(64, Convolution.tileElements / height)
    }

    func scratch(images: Int) -> Int {
        geometry.isPointwise ? 0 : height * min(tile, geometry.output.pixels * images)
    }

    var macs: Int { geometry.macs }

    func forward(_ tape: Tape) {
        geometry.fillBias(tape)
        let row = geometry.output.pixels * tape.images
        let filters = geometry.filters
        for group in 0..<geometry.groups {
            let weights = tape.value(geometry.weights) + group * filters * height
            let y = tape.value(geometry.y) + group * filters * row
            forEachTile(tape, group) { start, count, patches, stride in
                multiply(
                    .plain(weights, height), .plain(patches, stride), into: y + start, stride: row,
                    rows: filters, columns: count, depth: height)
            }
        }
    }

    func backward(_ tape: Tape) {
        guard let slope = tape.gradient(geometry.y) else { return }
        geometry.passBias(tape)
        let row = geometry.output.pixels * tape.images
        let filters = geometry.filters
        for group in 0..<geometry.groups {
            let dy = slope + group * filters * row
            if let target = tape.gradient(geometry.weights) {
                forEachTile(tape, group) { start, count, patches, stride in
                    multiply(
                        .plain(dy + start, row), .transposed(patches, stride),
                        into: target + group * filters * height, stride: height,
                        rows: filters, columns: height, depth: count)
                }
            }
            passInput(tape, group, dy)
        }
    }

    private func passInput(_ tape: Tape, _ group: Int, _ dy: UnsafeMutablePointer<Float>) {
        guard let target = tape.gradient(geometry.x) else { return }
        let filters = geometry.filters
        let weights = Factor.transposed(tape.value(geometry.weights) + group * filters * height, height)
        let row = geometry.output.pixels * tape.images
        let dx = target + group * geometry.depth * geometry.input.pixels * tape.images
        guard !geometry.isPointwise else {
            return multiply(
                weights, .plain(dy, row), into: dx, stride: row, rows: height, columns: row, depth: filters)
        }
        let patches = tape.scratch.start
        for start in stride(from: 0, to: row, by: tile) {
            let count = min(tile, row - start)
            patches.update(repeating: 0, count: height * count)
            multiply(
                weights, .plain(dy + start, row), into: patches, stride: count, rows: height, columns: count,
                depth: filters)
            PatchRows(geometry, images: tape.images, start..<(start + count)).scatter(patches, onto: dx)
        }
    }

    /// Calls `body` with the patches of so many pixels from each start on, and the distance of their rows.
    private func forEachTile(
        _ tape: Tape, _ group: Int, _ body: (Int, Int, UnsafeMutablePointer<Float>, Int) -> Void
    ) {
        let x = tape.value(geometry.x) + group * geometry.depth * geometry.input.pixels * tape.images
        let row = geometry.output.pixels * tape.images
        guard !geometry.isPointwise else { return body(0, row, x, row) }
        for start in stride(from: 0, to: row, by: tile) {
            let count = min(tile, row - start)
            PatchRows(geometry, images: tape.images, start..<(start + count)).gather(
                x, into: tape.scratch.start)
            body(start, count, tape.scratch.start, count)
        }
    }

    /// A row-major factor of a product, as it is or transposed, whose stored rows are so far apart.
    private enum Factor {
        case plain(UnsafeMutablePointer<Float>, Int)
        case transposed(UnsafeMutablePointer<Float>, Int)
    }

    /// c += a b, by OpenBLAS on the calling thread.
    private func multiply(
        _ a: Factor, _ b: Factor, into c: UnsafeMutablePointer<Float>, stride: Int, rows: Int, columns: Int,
        depth: Int
    ) {
        func parts(_ factor: Factor) -> (CBLAS_TRANSPOSE, UnsafeMutablePointer<Float>, blasint) {
            switch factor {
            case .plain(let start, let stride): (CblasNoTrans, start, blasint(stride))
            case .transposed(let start, let stride): (CblasTrans, start, blasint(stride))
            }
        }
        let (left, right) = (parts(a), parts(b))
        cblas_sgemm(
            CblasRowMajor, left.0, right.0, blasint(rows), blasint(columns), blasint(depth), 1, left.1,
            left.2,
            right.1, right.2, 1, c, blasint(stride))
    }
}
