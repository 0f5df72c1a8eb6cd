import GraphIR

extension ImagePreprocessing {
    /// Normalises images given as bytes; they are not scaled or cropped.
    ///
    /// - Parameter pixels: uint8, [n, height, width] of grey images, [n, height, width, channels] or [n,
    ///   channels, height, width]. A grey image fills all channels of the model; a model of grey images gets
    ///   the brightness of others.
    /// - Throws: `TensorFileError.preprocessing` if the images do not have the model's size.
    public func tensor(pixels: Tensor) throws -> Tensor {
        let shape = pixels.shape
        guard let layout = layout(of: pixels) else {
            throw TensorFileError(
                .preprocessing,
                "the model takes images of \(height)x\(width) with \(channels) channels, these are "
                    + shape.dropFirst().map(String.init).joined(separator: "x"),
                remedy: "give images of the model's size")
        }
        let tables = (0..<channels).map { normalization.table(channel: $0).map { Float($0) } }
        let area = height * width
        let size = area * layout.channels
        let (from, step) = layout.isChannelsLast ? (1, layout.channels) : (area, 1)
        let (to, stride) = self.layout == .nchw ? (area, 1) : (1, channels)
        let extents = self.layout == .nchw ? [channels, height, width] : [height, width, channels]
        return try pixels.withElements(of: UInt8.self) { source in
            try Tensor(shape: [shape[0]] + extents, of: Float.self) { target in
                for image in 0..<shape[0] {
                    for channel in 0..<channels {
                        // A file stores colours as RGB.
                        let colour =
                            layout.channels == 1
                            ? 0 : normalization.order == .bgr ? channels - 1 - channel : channel
                        for pixel in 0..<area {
                            let place = image * size + pixel * step
                            let value =
                                layout.channels > channels
                                ? RGBImage.luma(source[place], source[place + from], source[place + 2 * from])
                                : source[place + colour * from]
                            target[image * area * channels + channel * to + pixel * stride] =
                                tables[channel][Int(value)]
                        }
                    }
                }
            }
        }
    }

    /// The number of channels of images given as bytes; the model's own if they do not have its size.
    public func channels(of pixels: Tensor) -> Int { layout(of: pixels)?.channels ?? channels }

    /// Where the channels are, and how many; nil if the images do not have the model's size.
    private func layout(of pixels: Tensor) -> (isChannelsLast: Bool, channels: Int)? {
        let image = Array(pixels.shape.dropFirst())
        if image == [height, width] { return (false, 1) }
        for channels in [channels, channels == 3 ? 1 : 3] {
            if image == [height, width, channels] { return (true, channels) }
            if image == [channels, height, width] { return (false, channels) }
        }
        return nil
    }
}
