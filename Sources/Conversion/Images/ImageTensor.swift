import Calibration
import GraphIR
import TensorFiles

/// A tensor of images as a network's input, whatever its type of numbers and its order of axes.
///
///     float64, float16, integers  -> float32
///     [C,H,W]                     -> [1,C,H,W]
///     [N,H,W]                     -> [N,1,H,W]
///     [N,H,W,C] <-> [N,C,H,W]     as the network takes them
///     1 channel -> 3: the same in all; 3 -> 1: brightness by ITU-R 601
struct ImageTensor {
    /// The images, as the network takes them.
    let images: Tensor
    /// A sentence on a change to the images that can be seen in them; nil if there was none.
    let note: String?

    /// - Throws: `TensorFileError.malformed` for images of another size, and for numbers that are not finite.
    init(_ tensor: Tensor, for format: ImageFormat, path: String) throws {
        var shape = tensor.shape
        if shape.count == 3 {
            let areGrey = Array(shape.dropFirst()) == [format.height, format.width]
            // Three planes for a network of colours are one image.
            shape = areGrey && shape[0] != format.channels ? [shape[0], 1] + shape.dropFirst() : [1] + shape
        }
        guard let layout = ImageTensor.layout(shape, format) else {
            throw TensorFileError(
                .malformed, file: path,
                "the network takes images of \(format.description), the data are "
                    + "\(tensor.elementType.onnxName) \(shape.dropFirst().map(String.init).joined(separator: "x"))",
                remedy: "give images of that shape")
        }
        let values = try ImageTensor.values(tensor, shape, path)
        if tensor.elementType == .float32, layout.isChannelsLast == format.isChannelsLast,
            layout.channels == format.channels, let images = tensor.reshaped(to: shape)
        {
            self.images = images
            note = nil
            return
        }
        let channels = layout.channels
        images = try Tensor(shape: format.shape(shape[0]), of: Float.self) { target in
            let area = format.height * format.width
            let (from, step) = layout.isChannelsLast ? (1, channels) : (area, 1)
            let (to, stride) = format.isChannelsLast ? (1, format.channels) : (area, 1)
            for image in 0..<shape[0] {
                for channel in 0..<format.channels {
                    // A grey image fills all channels.
                    let plane = channels == 1 ? 0 : channel
                    for pixel in 0..<area {
                        let place = image * area * channels + pixel * step
                        target[image * area * format.channels + channel * to + pixel * stride] =
                            channels > format.channels
                            ? 0.299 * values[place] + 0.587 * values[place + from]
                                + 0.114 * values[place + 2 * from]
                            : values[place + plane * from]
                    }
                }
            }
        }
        note = ImageTensor.note(from: channels, to: format.channels)
    }

    /// A sentence on how images of so many channels become those of the network; nil if they need no change.
    static func note(from channels: Int, to needed: Int) -> String? {
        switch (channels, needed) {
        case (1, 2...): "the images are grey, the network takes \(needed) channels: each is the grey image"
        case (3, 1): "the images are in colours, the network takes grey ones: it gets their brightness"
        default: nil
        }
    }

    // MARK: Parts

    /// Where the channels are, and how many: as in the network if possible; nil for images of another size.
    private static func layout(
        _ shape: [Int], _ format: ImageFormat
    ) -> (isChannelsLast: Bool, channels: Int)? {
        let counts = [format.channels] + (format.channels == 1 ? [3] : format.channels == 3 ? [1] : [])
        for channels in counts {
            for isLast in [format.isChannelsLast, !format.isChannelsLast] {
                let extents =
                    isLast
                    ? [format.height, format.width, channels] : [channels, format.height, format.width]
                if shape.count == 4, Array(shape.dropFirst()) == extents { return (isLast, channels) }
            }
        }
        return nil
    }

    private static func values(_ tensor: Tensor, _ shape: [Int], _ path: String) throws -> [Float] {
        guard let values = tensor.floats ?? tensor.integers?.map(Float.init) else {
            throw TensorFileError(
                .unsupported, file: path, "holds \(tensor.elementType.onnxName)s, not numbers",
                remedy: "write the images as float32 or uint8")
        }
        if let place = values.firstIndex(where: { !$0.isFinite }) {
            throw TensorFileError(
                .malformed, file: path, place: "image \(place / max(1, values.count / max(1, shape[0])))",
                "holds a number that is not finite (\(values[place]))",
                remedy: "leave the image out, or write the file again")
        }
        return values
    }
}
