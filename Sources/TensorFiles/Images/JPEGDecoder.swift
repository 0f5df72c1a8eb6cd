import CTurboJPEG
import GraphIR

/// JPEG files through libjpeg-turbo's TurboJPEG interface, which reports errors by return values.
enum JPEGDecoder {
    /// Decodes a baseline or progressive JPEG file in colour or grey.
    static func decode(_ bytes: ByteRegion) throws(TensorFileError) -> RGBImage {
        guard let decoder = tjInitDecompress() else {
            throw TensorFileError(.malformed, "cannot be decoded: libjpeg-turbo does not start")
        }
        defer { tjDestroy(decoder) }
        var (width, height, subsampling, colours): (Int32, Int32, Int32, Int32) = (0, 0, 0, 0)
        let header = bytes.withUnsafeBytes {
            tjDecompressHeader3(
                decoder, $0.bindMemory(to: UInt8.self).baseAddress, UInt($0.count), &width, &height,
                &subsampling, &colours)
        }
        guard header == 0 else { throw malformed(decoder) }
        guard colours != Int32(TJCS_CMYK.rawValue), colours != Int32(TJCS_YCCK.rawValue) else {
            throw TensorFileError(
                .unsupported, "is a JPEG image in CMYK colours", remedy: "convert it to RGB")
        }
        try ImageLimits.check(width: Int(width), height: Int(height))
        // Pillow uses the accurate transform. A file may hold any number of scans, each a pass over all
        // pixels.
        let flags = TJFLAG_ACCURATEDCT | TJFLAG_LIMITSCANS
        var pixels = [UInt8](repeating: 0, count: Int(width) * Int(height) * 3)
        let status = bytes.withUnsafeBytes { source in
            pixels.withUnsafeMutableBufferPointer {
                tjDecompress2(
                    decoder, source.bindMemory(to: UInt8.self).baseAddress, UInt(source.count),
                    $0.baseAddress, width, 0, height, Int32(TJPF_RGB.rawValue), flags)
            }
        }
        guard status == 0 || isHarmless(decoder),
            let image = RGBImage(width: Int(width), height: Int(height), pixels: pixels)
        else { throw malformed(decoder) }
        return image
    }

    /// Whether the decoder only warned of meaningless bytes between two markers, which some cameras write.
    private static func isHarmless(_ decoder: tjhandle) -> Bool {
        tjGetErrorCode(decoder) == Int32(TJERR_WARNING.rawValue)
            && message(decoder).contains("extraneous bytes before marker")
    }

    private static func malformed(_ decoder: tjhandle) -> TensorFileError {
        TensorFileError(.malformed, "is not a readable JPEG image (libjpeg-turbo: \(message(decoder)))")
    }

    private static func message(_ decoder: tjhandle) -> String {
        tjGetErrorStr2(decoder).map { String(cString: $0) } ?? "no reason given"
    }
}
