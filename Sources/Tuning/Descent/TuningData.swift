import GraphIR

/// What a program is run on, and what it should give: the maps of all images, in chunks of images.
package struct TuningData: Sendable {
    /// For each input of the program, by chunk: [n, C, H, W].
    private let inputs: [[Tensor]]
    /// By chunk, what the program's output should be.
    private let targets: [Tensor]
    /// The images that parameters are fitted to, and those that judge.
    let fitted: [Image]
    let judging: [Image]

    /// An image's place: its chunk, and its place there.
    struct Image: Sendable {
        let chunk: Int
        let place: Int
    }

    /// - Parameters:
    ///   - fitted: the chunks that parameters are fitted to.
    ///   - judging: the chunks that judge.
    package init(inputs: [[Tensor]], targets: [Tensor], fitted: Range<Int>, judging: Range<Int>) {
        (self.inputs, self.targets) = (inputs, targets)
        func images(_ chunks: Range<Int>) -> [Image] {
            chunks.flatMap { chunk in (0..<targets[chunk].shape[0]).map { Image(chunk: chunk, place: $0) } }
        }
        (self.fitted, self.judging) = (images(fitted), images(judging))
    }

    /// Copies the images' inputs to a tape.
    func load(_ images: ArraySlice<Image>, _ program: Program, _ tape: Tape) throws {
        tape.images = images.count
        for (input, chunks) in inputs.enumerated() {
            let target = program.input(input, of: tape)
            try copy(images, of: chunks, program.shape(ofInput: input)) { channel, place, row, pixels in
                (target + (channel * images.count + place) * pixels).update(from: row, count: pixels)
            }
        }
    }

    /// Calls `body` with the targets of each channel of each image, its place in the output [C, n, H, W], and the number
    /// of pixels.
    func compare(
        _ images: ArraySlice<Image>, _ shape: MapShape, _ body: (UnsafePointer<Float>, Int, Int) -> Void
    ) throws {
        try copy(images, of: targets, shape) { channel, place, row, pixels in
            body(row, (channel * images.count + place) * pixels, pixels)
        }
    }

    private func copy(
        _ images: ArraySlice<Image>, of chunks: [Tensor], _ shape: MapShape,
        _ body: (Int, Int, UnsafePointer<Float>, Int) -> Void
    ) throws {
        for (place, image) in images.enumerated() {
            try chunks[image.chunk].withElements(of: Float.self) { elements in
                guard let start = elements.baseAddress,
                    elements.count >= (image.place + 1) * shape.elements
                else { return }
                for channel in 0..<shape.channels {
                    let row = start + image.place * shape.elements + channel * shape.pixels
                    body(channel, place, row, shape.pixels)
                }
            }
        }
    }
}
