import CPNG
import GraphIR

/// PNG files through libpng's simplified interface, which reports errors by return values.
enum PNGDecoder {
    /// Decodes a PNG file of any bit depth and colour type, interlaced or not.
    static func decode(_ bytes: ByteRegion) throws(TensorFileError) -> RGBImage {
        try bytes.withUnsafeBytes { source throws(TensorFileError) in
            var image = png_image()
            image.version = png_uint_32(PNG_IMAGE_VERSION)
            defer { png_image_free(&image) }
            guard png_image_begin_read_from_memory(&image, source.baseAddress, source.count) != 0 else {
                throw malformed(image)
            }
            let (width, height) = (Int(image.width), Int(image.height))
            try ImageLimits.check(width: width, height: height)
            // Alpha is decoded and dropped: otherwise libpng would blend the image with a background. Samples
            // of 16 bits without a colour space are assumed to be encoded like those of 8 bits.
            image.format = png_uint_32(PNG_FORMAT_FLAG_COLOR | PNG_FORMAT_FLAG_ALPHA)
            image.flags |= png_uint_32(PNG_IMAGE_FLAG_16BIT_sRGB)
            var rgba = [UInt8](repeating: 0, count: width * height * 4)
            let isRead = rgba.withUnsafeMutableBytes {
                png_image_finish_read(&image, nil, $0.baseAddress, 0, nil)
            }
            guard isRead != 0,
                let result = RGBImage(width: width, height: height, pixels: withoutAlpha(rgba))
            else { throw malformed(image) }
            return result
        }
    }

    private static func withoutAlpha(_ rgba: [UInt8]) -> [UInt8] {
        let count = rgba.count / 4
        return [UInt8](unsafeUninitializedCapacity: count * 3) { rgb, initialized in
            for pixel in 0..<count {
                for channel in 0..<3 { rgb[pixel * 3 + channel] = rgba[pixel * 4 + channel] }
            }
            initialized = count * 3
        }
    }

    private static func malformed(_ image: png_image) -> TensorFileError {
        let message = withUnsafeBytes(of: image.message) {
            String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
        return TensorFileError(.malformed, "is not a readable PNG image (libpng: \(message))")
    }
}
