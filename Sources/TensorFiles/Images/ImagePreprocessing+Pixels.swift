import GraphIR

extension ImagePreprocessing {
    /// Normalises images given as bytes; they are not scaled or cropped.
    ///
    /// - Parameter pixels: uint8, [n, height, width] of grey images, [n, height, width, channels] or [n,
    ///   channels, height, width]. A grey image fills all channels of the model.
    /// - Throws: `TensorFileError.preprocessing` if the images do not have the model's size.
    public func tensor(pixels: Tensor) throws -> Tensor {
        let shape = pixels.shape
        let isGrey = shape.count == 3
        let isLast = shape.count == 4 && Array(shape[1...]) == [height, width, channels]
        let isFirst = shape.count == 4 && Array(shape[1...]) == [channels, height, width]
        guard (isGrey && Array(shape[1...]) == [height, width]) || isLast || isFirst else {
            throw TensorFileError(
                .preprocessing,
                "the model takes images of \(height)x\(width) with \(channels) channels, these are "
                    + shape.dropFirst().map(String.init).joined(separator: "x"),
                remedy: "give images of the model's size")
        }
        let tables = (0..<channels).map { normalization.table(channel: $0).map { Float($0) } }
        let area = height * width
        let (from, step): (Int, Int) = isGrey ? (0, 1) : isFirst ? (area, 1) : (1, channels)
        let size = isGrey ? area : area * channels
        let (to, stride) = layout == .nchw ? (area, 1) : (1, channels)
        let extents = layout == .nchw ? [channels, height, width] : [height, width, channels]
        return try pixels.withElements(of: UInt8.self) { source in
            try Tensor(shape: [shape[0]] + extents, of: Float.self) { target in
                for image in 0..<shape[0] {
                    for channel in 0..<channels {
                        // A file stores colours as RGB.
                        let colour =
                            normalization.order == .bgr && !isGrey ? channels - 1 - channel : channel
                        for pixel in 0..<area {
                            let value = source[image * size + colour * from + pixel * step]
                            target[image * area * channels + channel * to + pixel * stride] =
                                tables[channel][Int(value)]
                        }
                    }
                }
            }
        }
    }
}
