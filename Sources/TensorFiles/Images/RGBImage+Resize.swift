extension RGBImage {
    /// The image scaled so that its shorter side has that many pixels; the longer side is in proportion,
    /// rounded down.
    ///
    /// - Throws: `TensorFileError.limit` if the longer side becomes too long for `ImageLimits`.
    public func resized(shortSide: Int) throws(TensorFileError) -> RGBImage {
        let (short, long) = (min(width, height), max(width, height))
        let (product, overflow) = shortSide.multipliedReportingOverflow(by: long)
        let other = overflow ? Int.max : product / short
        return try width <= height
            ? resized(width: shortSide, height: other) : resized(width: other, height: shortSide)
    }

    /// The image scaled by bilinear interpolation with antialiasing, bit for bit like Pillow's
    /// `resize((width, height), Image.Resampling.BILINEAR)`: where the image shrinks, each pixel is the mean
    /// of all pixels that it covers, weighted by a triangle.
    ///
    /// O(width * old height * horizontal factor + width * height * vertical factor).
    ///
    /// - Throws: `TensorFileError.limit` if there are no pixels or too many.
    public func resized(width: Int, height: Int) throws(TensorFileError) -> RGBImage {
        try ImageLimits.check(width: width, height: height)
        try ImageLimits.check(width: width, height: self.height)
        var result = self
        if width != self.width { result = result.resampledRows(ResampleFilter(from: self.width, to: width)) }
        if height != self.height {
            result = result.resampledColumns(ResampleFilter(from: self.height, to: height))
        }
        return result
    }

    /// The middle of the image. If it cannot be exactly in the middle, its offset is rounded to an even
    /// number, as in torchvision's `CenterCrop`.
    ///
    /// - Returns: nil if the image is too small.
    public func centerCropped(width: Int, height: Int) -> RGBImage? {
        guard (1...self.width).contains(width), (1...self.height).contains(height) else { return nil }
        func start(_ whole: Int, _ part: Int) -> Int {
            Int((Double(whole - part) / 2).rounded(.toNearestOrEven))
        }
        let (left, top) = (start(self.width, width), start(self.height, height))
        var cropped: [UInt8] = []
        cropped.reserveCapacity(width * height * 3)
        for row in top..<(top + height) {
            let first = (row * self.width + left) * 3
            cropped += pixels[first..<(first + width * 3)]
        }
        return RGBImage(width: width, height: height, pixels: cropped)
    }

    private init(_ width: Int, _ height: Int, fill: (UnsafeMutableBufferPointer<UInt8>) -> Void) {
        self.width = width
        self.height = height
        pixels = [UInt8](unsafeUninitializedCapacity: width * height * 3) { target, initialized in
            fill(target)
            initialized = width * height * 3
        }
    }

    private func resampledRows(_ filter: ResampleFilter) -> RGBImage {
        let columns = filter.windows.count
        return RGBImage(columns, height) { target in
            pixels.withUnsafeBufferPointer { source in
                for row in 0..<height {
                    for (column, window) in filter.windows.enumerated() {
                        let first = (row * width + window.start) * 3
                        for channel in 0..<3 {
                            target[(row * columns + column) * 3 + channel] = filter.weightedMean(
                                window, source, from: first + channel, stride: 3)
                        }
                    }
                }
            }
        }
    }

    private func resampledColumns(_ filter: ResampleFilter) -> RGBImage {
        let stride = width * 3
        return RGBImage(width, filter.windows.count) { target in
            pixels.withUnsafeBufferPointer { source in
                for (row, window) in filter.windows.enumerated() {
                    for column in 0..<stride {
                        target[row * stride + column] = filter.weightedMean(
                            window, source, from: window.start * stride + column, stride: stride)
                    }
                }
            }
        }
    }
}

/// For each pixel of a scaled row, the pixels of the old row that it is computed from, with their weights.
///
/// Pillow's `precompute_coeffs` and `normalize_coeffs_8bpc` (src/libImaging/Resample.c) for the triangle
/// filter: weights are fixed-point numbers with 22 fractional bits.
private struct ResampleFilter {
    struct Window {
        /// The first pixel of the old row.
        let start: Int
        /// The positions of the weights.
        let weights: Range<Int>
    }

    private(set) var windows: [Window] = []
    private var weights: [Int] = []

    private static let precision = 22

    init(from old: Int, to new: Int) {
        let scale = Double(old) / Double(new)
        // Enlarging interpolates between two pixels; shrinking averages over `2 * scale` of them.
        let support = max(scale, 1)
        for position in 0..<new {
            let center = (Double(position) + 0.5) * scale
            let first = max(0, Int(center - support + 0.5))
            let end = min(old, Int(center + support + 0.5))
            let exact = (first..<end).map { max(0, 1 - abs((Double($0) - center + 0.5) / support)) }
            let sum = exact.reduce(0, +)
            let begin = weights.count
            weights += exact.map { Int(0.5 + $0 / sum * Double(1 << ResampleFilter.precision)) }
            windows.append(Window(start: first, weights: begin..<weights.count))
        }
    }

    @inline(__always)
    func weightedMean(
        _ window: Window, _ source: UnsafeBufferPointer<UInt8>, from first: Int, stride: Int
    ) -> UInt8 {
        var sum = 1 << (ResampleFilter.precision - 1)
        var place = first
        for weight in window.weights {
            sum += Int(source[place]) * weights[weight]
            place += stride
        }
        return UInt8(clamping: sum >> ResampleFilter.precision)
    }
}
