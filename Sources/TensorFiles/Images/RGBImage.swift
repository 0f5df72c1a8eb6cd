import GraphIR

/// A decoded image: 8 bits each of red, green and blue.
public struct RGBImage: Sendable, Equatable {
    /// Columns.
    public let width: Int
    /// Rows.
    public let height: Int
    /// Height x width x 3 values, row by row from the top left.
    public let pixels: [UInt8]

    /// - Returns: nil unless there is at least one pixel, and three values for each.
    public init?(width: Int, height: Int, pixels: [UInt8]) {
        guard width > 0, height > 0, Shape.elementCount(of: [height, width, 3]) == pixels.count else {
            return nil
        }
        self.width = width
        self.height = height
        self.pixels = pixels
    }

    /// Reads a PNG or JPEG file; its first bytes tell which.
    ///
    /// Grey becomes equal parts of red, green and blue; an alpha channel is dropped without blending; 16 bits
    /// are reduced to 8. A camera's orientation tag (EXIF) is not applied. Pillow's
    /// `Image.open(path).convert("RGB")` reads these files in the same way.
    ///
    /// - Throws: `FileError` if the file cannot be read; `TensorFileError` with the file's path if it is
    ///   neither PNG nor JPEG, damaged, truncated, in CMYK colours or beyond `ImageLimits`.
    public init(path: String) throws {
        self = try TensorFileError.naming(path) { () throws in
            try RGBImage(parsing: MappedFile(path: path).bytes)
        }
    }

    /// Reads the bytes of a PNG or JPEG file; see `init(path:)`.
    public init(parsing bytes: ByteRegion) throws(TensorFileError) {
        guard let format = ImageFormat(of: bytes) else {
            throw TensorFileError(
                .unsupported, "is neither a PNG nor a JPEG file", remedy: "convert it to one of them")
        }
        switch format {
        case .png: self = try PNGDecoder.decode(bytes)
        case .jpeg: self = try JPEGDecoder.decode(bytes)
        }
    }
}

/// The supported kinds of image files.
enum ImageFormat: CaseIterable {
    case png, jpeg

    /// The format that a file's first bytes indicate.
    init?(of bytes: ByteRegion) {
        let format = ImageFormat.allCases.first { format in
            bytes.withUnsafeBytes { $0.starts(with: format.signature) }
        }
        guard let format else { return nil }
        self = format
    }

    private var signature: [UInt8] {
        switch self {
        case .png: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        case .jpeg: [0xFF, 0xD8, 0xFF]
        }
    }
}

/// The limits of images. A file of a few kilobytes can claim to hold gigabytes of pixels.
public enum ImageLimits {
    /// The most pixels, width times height: a square of 10,000 pixels, 300 MB when decoded.
    public static let pixels = 100_000_000

    /// - Throws: `TensorFileError.limit` if the image is larger, `.malformed` if it is empty.
    static func check(width: Int, height: Int) throws(TensorFileError) {
        guard width > 0, height > 0 else {
            throw TensorFileError(.malformed, "is an image of \(width)x\(height) pixels")
        }
        let (count, overflow) = width.multipliedReportingOverflow(by: height)
        guard !overflow, count <= pixels else {
            throw TensorFileError(
                .limit, "is an image of \(width)x\(height) pixels, more than \(pixels)",
                remedy: "scale it down")
        }
    }
}
