/// The normalisation of pixel values: `(pixel * scale - mean) / deviation`, for pixels from 0 to 255.
public struct PixelNormalization: Sendable, Equatable {
    /// The order in which a model reads the colours.
    public enum ChannelOrder: String, Sendable { case rgb, bgr }

    /// The order of the colours.
    public var order: ChannelOrder
    /// The factor on pixels from 0 to 255.
    public var scale: Double
    /// One for each channel in `order`, or one for all.
    public var mean: [Double]
    /// One for each channel in `order`, or one for all.
    public var deviation: [Double]

    /// A normalisation; `mean` and `deviation` have one number for each channel, or one for all.
    public init(order: ChannelOrder, scale: Double, mean: [Double], deviation: [Double]) {
        self.order = order
        self.scale = scale
        self.mean = mean
        self.deviation = deviation
    }

    /// The normalisation of torchvision's, timm's and Gluon's ImageNet models: 0...1, then the mean and
    /// deviation of ImageNet.
    public static let imagenet = PixelNormalization(
        order: .rgb, scale: 1 / 255, mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225])

    /// The normalisation of Caffe's and Keras's ResNet (v1): blue first, minus the mean of ImageNet, not
    /// scaled.
    public static let caffe = PixelNormalization(
        order: .bgr, scale: 1, mean: [103.939, 116.779, 123.68], deviation: [1])

    /// The pixels unchanged, 0...255.
    public static let none = PixelNormalization(order: .rgb, scale: 1, mean: [0], deviation: [1])

    /// The normalised value of each of the 256 pixel values of a channel.
    func table(channel: Int) -> [Double] {
        let mean = mean[mean.count == 1 ? 0 : channel]
        let deviation = deviation[deviation.count == 1 ? 0 : channel]
        return (0...255).map { (Double($0) * scale - mean) / deviation }
    }

    /// Whether mean and deviation have usable values for that many channels.
    func suits(channels: Int) -> Bool {
        [mean, deviation].allSatisfy { $0.count == 1 || $0.count == channels }
            && ([scale] + mean + deviation).allSatisfy(\.isFinite) && deviation.allSatisfy { $0 > 0 }
    }
}

extension PixelNormalization: CustomStringConvertible {
    /// The formula with its figures.
    public var description: String {
        func list(_ values: [Double]) -> String {
            values.count == 1
                ? PixelNormalization.text(values[0])
                : "(" + values.map(PixelNormalization.text).joined(separator: ", ") + ")"
        }
        var formula = scale == 1 ? "pixel" : scale == 1 / 255 ? "pixel / 255" : "pixel * \(scale)"
        if mean.contains(where: { $0 != 0 }) { formula += " - \(list(mean))" }
        if deviation.contains(where: { $0 != 1 }) { formula = "(\(formula)) / \(list(deviation))" }
        return "\(order.rawValue.uppercased()), \(formula)"
    }

    private static func text(_ value: Double) -> String {
        Int(exactly: value).map(String.init) ?? "\(value)"
    }
}
