/// The values of one run of a program on a few images, and the gradients of the loss by them.
///
/// Values are stored channel by channel, [C, n, H, W]: a convolution over all images of the tape is then one matrix
/// product, and whatever acts on a channel reads contiguous memory. A tape belongs to one thread at a time.
package final class Tape {
    /// The images of the run, at most as many as the tape has room for.
    package var images: Int
    private let buffers: [FloatBuffer?]
    private let slopes: [FloatBuffer?]
    private let parameters: FloatBuffer
    /// Where each parameter's part of all parameters begins; nil for other values.
    private let offsets: [Int?]
    /// The gradients of all parameters, which backward passes add to.
    var parameterGradients: FloatBuffer
    /// Room for what one step needs while it runs.
    let scratch: FloatBuffer

    /// - Parameters:
    ///   - parameters: the current values of all parameters, which the tape reads.
    ///   - gradients: the buffer that backward passes add the parameters' gradients to.
    ///   - images: the most images of a run.
    package init(_ program: Program, parameters: FloatBuffer, gradients: FloatBuffer, images: Int) {
        self.images = images
        self.parameters = parameters
        parameterGradients = gradients
        var buffers: [FloatBuffer?] = []
        var slopes: [FloatBuffer?] = []
        var offsets: [Int?] = []
        for slot in program.slots {
            let count = slot.shape.elements * images
            switch slot.origin {
            case .constant(let values): buffers.append(values)
            case .parameter: buffers.append(nil)
            case .input, .computed: buffers.append(FloatBuffer(count: count))
            }
            slopes.append(
                slot.origin.isComputed ? FloatBuffer(count: count) : nil)
            if case .parameter(let place) = slot.origin {
                offsets.append(program.parameters[place].offset)
            } else {
                offsets.append(nil)
            }
        }
        (self.buffers, self.slopes, self.offsets) = (buffers, slopes, offsets)
        scratch = FloatBuffer(count: program.steps.map { $0.scratch(images: images) }.max() ?? 0)
    }

    /// The elements of a value.
    func value(_ slot: Int) -> UnsafeMutablePointer<Float> {
        if let offset = offsets[slot] { return parameters.start + offset }
        return buffers[slot]?.start ?? scratch.start
    }

    /// The gradient by a value, which steps add to; nil if nobody asks for it.
    func gradient(_ slot: Int) -> UnsafeMutablePointer<Float>? {
        if let offset = offsets[slot] { return parameterGradients.start + offset }
        return slopes[slot]?.start
    }

    /// Sets the gradients by all computed values to zero.
    func clearSlopes() { for slope in slopes { slope?.clear() } }
}
