import CKernels
import Runtime

/// Conv with one filter for each channel. With X_t the run that tap t reads from the channel's planes (`PhasePlanes`),
///
///     y = b + sum w_t X_t    dw_t += <dy, X_t>    dX_t += w_t dy
///
/// channel by channel and image by image, so that all planes stay in a processor's cache.
struct DepthwiseConvolution: Step {
    private let geometry: ConvolutionGeometry
    private let planes: PhasePlanes
    /// The taps that read each plane.
    private let readers: [[Int]]
    private let isa: ck_isa

    init(_ geometry: ConvolutionGeometry) {
        self.geometry = geometry
        let planes = PhasePlanes(geometry)
        self.planes = planes
        readers = (0..<planes.count).map { plane in
            planes.taps.indices.filter { planes.taps[$0].plane == plane }
        }
        isa = ((try? InstructionSet.preferred()) ?? .portable).kernels
    }

    /// Planes, and a result or its slopes, between margins that any tap's place may be subtracted from or added to.
    func scratch(images: Int) -> Int { planes.count * planes.elements + planes.run + 2 * planes.reach }

    var macs: Int { geometry.macs }

    func forward(_ tape: Tape) {
        let (x, weights, y) = (tape.value(geometry.x), tape.value(geometry.weights), tape.value(geometry.y))
        let (map, result) = buffers(tape)
        let runs = planes.runs(in: map)
        forEachPlane(tape.images) { channel, source, target in
            planes.split(x + source, into: map)
            ck_tap_sum(isa, runs, weights + channel * runs.count, runs.count, result, planes.run)
            let bias = geometry.bias.map { tape.value($0)[channel] } ?? 0
            let (width, to) = (geometry.output.width, y + target)
            for row in 0..<geometry.output.height {
                for column in 0..<width {
                    to[row * width + column] = result[row * planes.pitch + column] + bias
                }
            }
        }
    }

    func backward(_ tape: Tape) {
        guard let slope = tape.gradient(geometry.y) else { return }
        geometry.passBias(tape)
        let (x, weights) = (tape.value(geometry.x), tape.value(geometry.weights))
        let (toWeights, toInput) = (tape.gradient(geometry.weights), tape.gradient(geometry.x))
        let (map, dy) = buffers(tape)
        (dy - planes.reach).update(repeating: 0, count: planes.run + 2 * planes.reach)
        let runs = planes.runs(in: map)
        // Where the taps that read a plane find the slopes of what they give to its first element.
        let slopes = readers.map { $0.map { Optional(UnsafePointer(dy - planes.taps[$0].place)) } }
        let width = geometry.output.width
        forEachPlane(tape.images) { channel, source, target in
            for row in 0..<geometry.output.height {
                (dy + row * planes.pitch).update(from: slope + target + row * width, count: width)
            }
            if let toWeights {
                planes.split(x + source, into: map)
                ck_tap_products(isa, runs, dy, runs.count, toWeights + channel * runs.count, planes.run)
            }
            if let toInput {
                for plane in 0..<planes.count {
                    let factors = readers[plane].map { weights[channel * runs.count + $0] }
                    ck_tap_sum(
                        isa, slopes[plane], factors, factors.count, map + plane * planes.elements,
                        planes.run + planes.reach)
                }
                planes.merge(map, onto: toInput + source)
            }
        }
    }

    /// The scratch memory of the planes, and that of a result behind its margin.
    private func buffers(_ tape: Tape) -> (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>) {
        let map = tape.scratch.start
        return (map, map + planes.count * planes.elements + planes.reach)
    }

    /// Calls `body` with each channel of each image: its number, and its places in x and in y.
    private func forEachPlane(_ images: Int, _ body: (Int, Int, Int) -> Void) {
        for channel in 0..<geometry.output.channels {
            for image in 0..<images {
                let plane = channel * images + image
                body(channel, plane * geometry.input.pixels, plane * geometry.output.pixels)
            }
        }
    }
}
