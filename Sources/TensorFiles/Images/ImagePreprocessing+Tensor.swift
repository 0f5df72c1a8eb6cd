import GraphIR

extension ImagePreprocessing {
    /// The images as one batch, in the model's layout and element type.
    ///
    /// - Throws: `TensorFileError.limit` for an image too long and narrow to be scaled.
    public func tensor(_ images: [RGBImage]) throws -> Tensor {
        try tensor(count: images.count) { try fitted(images[$0]) }
    }

    /// Reads image files into one batch; one decoded image is held at a time.
    ///
    /// - Throws: the errors of reading an image and of `tensor(_:)`, with the file's path.
    public func tensor(paths: [String]) throws -> Tensor {
        try tensor(count: paths.count) { index in
            try TensorFileError.naming(paths[index]) { try fitted(RGBImage(path: paths[index])) }
        }
    }

    /// The image scaled and cropped, before it is normalised.
    public func fitted(_ image: RGBImage) throws(TensorFileError) -> RGBImage {
        let scaled = try image.resized(shortSide: shortSide)
        // The shorter side is at least as long as the crop's longer one.
        return scaled.centerCropped(width: width, height: height) ?? scaled
    }

    /// - Parameter image: returns a fitted image.
    private func tensor(count: Int, _ image: (Int) throws -> RGBImage) throws -> Tensor {
        switch elementType {
        case .float64: try tensor(count, Double.self, { $0 }, image)
        case .float16: try tensor(count, Float16.self, { Float16($0) }, image)
        case .uint8: try tensor(count, UInt8.self, { UInt8(clamping: Int($0)) }, image)
        default: try tensor(count, Float.self, { Float($0) }, image)
        }
    }

    private func tensor<Element: TensorElement>(
        _ count: Int, _: Element.Type, _ convert: (Double) -> Element, _ image: (Int) throws -> RGBImage
    ) throws -> Tensor {
        let tables = (0..<channels).map { normalization.table(channel: $0).map(convert) }
        let area = height * width
        let shape = layout == .nchw ? [count, channels, height, width] : [count, height, width, channels]
        let (pixelStride, channelStride) = layout == .nchw ? (1, area) : (channels, 1)
        return try Tensor(shape: shape, of: Element.self) { target in
            for index in 0..<count {
                let values = values(try image(index))
                for channel in 0..<channels {
                    let base = index * channels * area + channel * channelStride
                    for pixel in 0..<area {
                        target[base + pixel * pixelStride] =
                            tables[channel][Int(values[pixel * channels + channel])]
                    }
                }
            }
        }
    }

    /// The pixels' values in the order of the model's channels.
    private func values(_ image: RGBImage) -> [UInt8] {
        if channels == 1 { return image.luma }
        return normalization.order == .rgb ? image.pixels : image.reversedChannels
    }
}

extension RGBImage {
    /// The brightness by ITU-R 601, `0.299 R + 0.587 G + 0.114 B`, rounded as Pillow's `convert("L")` does.
    public var luma: [UInt8] {
        (0..<(width * height)).map { pixel in
            RGBImage.luma(pixels[pixel * 3], pixels[pixel * 3 + 1], pixels[pixel * 3 + 2])
        }
    }

    static func luma(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> UInt8 {
        let sum: Int = Int(red) * 19595 + Int(green) * 38470 + Int(blue) * 7471
        return UInt8(clamping: (sum + 0x8000) >> 16)
    }

    /// Whether red, green and blue are equal everywhere.
    public var isGrey: Bool {
        (0..<(width * height)).allSatisfy { pixel in
            let red = pixels[pixel * 3]
            return red == pixels[pixel * 3 + 1] && red == pixels[pixel * 3 + 2]
        }
    }

    fileprivate var reversedChannels: [UInt8] {
        var reversed = pixels
        for pixel in 0..<(width * height) { reversed.swapAt(pixel * 3, pixel * 3 + 2) }
        return reversed
    }
}
