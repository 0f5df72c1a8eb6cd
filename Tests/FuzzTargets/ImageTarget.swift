import GraphIR
import TensorFiles

/// Fuzzes the decoders of images, and what makes them a model's input.
enum ImageTarget {
    static func run(_ bytes: ByteRegion) throws(FuzzTarget.Finding) {
        guard claimsFewPixels(bytes), let image = try answer({ try RGBImage(parsing: bytes) }) else { return }
        guard image.pixels.count == image.width * image.height * 3 else {
            throw FuzzTarget.Finding("\(image.pixels.count) values for \(image.width)x\(image.height) pixels")
        }
        let input = TensorType(.float32, [1, 3, 8, 8])
        _ = try answer { try ImagePreprocessing(for: input).tensor([image]) }
    }

    /// Whether a PNG file's header claims what is decoded in milliseconds. The limit of the decoders is far
    /// higher.
    private static func claimsFewPixels(_ bytes: ByteRegion) -> Bool {
        bytes.withUnsafeBytes { bytes in
            guard bytes.count >= 24, bytes[0] == 0x89 else { return true }
            let width = bytes[16..<20].reduce(0) { $0 << 8 | Int($1) }
            let height = bytes[20..<24].reduce(0) { $0 << 8 | Int($1) }
            return width <= 4096 && height <= 4096
        }
    }
}
