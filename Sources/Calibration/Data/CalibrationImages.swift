import GraphIR

/// Images in the form that a network takes, read or generated on request.
public protocol CalibrationImages: Sendable {
    var count: Int { get }

    /// Some of the images, float32 in the layout of the network's first input, batch first.
    func batch(_ indices: [Int]) throws -> Tensor

    /// Some of the tensors that the source has for another input of the network, float32, batch first.
    ///
    /// - Returns: nil if the source has none of that name. That input then takes other images of the source
    ///   (`NetworkInputs`).
    func batch(_ indices: [Int], ofInput name: String) throws -> Tensor?
}

extension CalibrationImages {
    /// Nil: the source has images for one input.
    public func batch(_ indices: [Int], ofInput name: String) throws -> Tensor? { nil }
}

/// The form in which a network takes one image.
public struct ImageFormat: Sendable, Equatable {
    /// C: 3 for colours, 1 for grey.
    public let channels: Int
    /// Rows of the image.
    public let height: Int
    /// Columns of the image.
    public let width: Int
    /// Whether the channel is the last axis (TensorFlow's layout).
    public let isChannelsLast: Bool
    /// The only batch that the graph takes; nil if it takes any.
    public let batch: Int?

    /// The format of a graph's first input without default.
    ///
    /// Shapes are inferred for another batch, to find nodes that fix it: O(nodes + edges). An input whose last extent
    /// is 1, 3 or 4, and whose second one is not, is taken as channels last.
    ///
    /// - Throws: `CalibrationError` if the input takes no float16 or float32 images of static size.
    public init(_ graph: Graph) throws(CalibrationError) {
        guard let input = graph.requiredInputs.first else {
            throw .dynamicShape(graph.inputs.first.map { graph[$0].name } ?? "input")
        }
        try self.init(graph[input], of: graph)
    }

    /// The format of one input of a graph.
    ///
    /// - Throws: as `init(_:)` does.
    public init(_ input: Value, of graph: Graph) throws(CalibrationError) {
        guard let type = input.tensorType, let shape = type.shape, shape.rank == 4 else {
            throw .dynamicShape(input.name)
        }
        guard [.float32, .float16].contains(type.elementType) else {
            throw .elementType(type.elementType.onnxName)
        }
        let dims = shape.dims.dropFirst().compactMap(\.value)
        guard dims.count == 3, Shape.elementCount(of: dims) ?? 0 > 0 else {
            throw .dynamicShape(input.name)
        }
        isChannelsLast = [1, 3, 4].contains(dims[2]) && ![1, 3, 4].contains(dims[0])
        channels = isChannelsLast ? dims[2] : dims[0]
        height = isChannelsLast ? dims[0] : dims[1]
        width = isChannelsLast ? dims[1] : dims[2]
        batch = graph.onlyBatch
    }

    /// Whether a network of the other format accepts images of this one.
    func takesSameImages(as other: ImageFormat) -> Bool {
        shape(1) == other.shape(1) && isChannelsLast == other.isChannelsLast
            && (batch ?? other.batch) == (other.batch ?? batch)
    }

    /// The extents of `count` images.
    public func shape(_ count: Int) -> [Int] {
        isChannelsLast ? [count, height, width, channels] : [count, channels, height, width]
    }

    /// The position of a pixel among an image's elements.
    func place(channel: Int, row: Int, column: Int) -> Int {
        isChannelsLast
            ? (row * width + column) * channels + channel : (channel * height + row) * width + column
    }

    public var description: String {
        shape(1).dropFirst().map(String.init).joined(separator: "x")
    }
}

/// Images held in one tensor.
public struct TensorImages: CalibrationImages {
    private let tensor: Tensor

    /// - Parameter tensor: float images in the network's layout, [n, ...].
    public init(_ tensor: Tensor) { self.tensor = tensor }

    public var count: Int { tensor.shape.first ?? 0 }

    public func batch(_ indices: [Int]) throws -> Tensor { try tensor.selecting(indices, axis: 0) }
}

/// Images for a network's first input, with what belongs to them at others.
public struct InputImages: CalibrationImages {
    private let first: any CalibrationImages
    private let others: [String: any CalibrationImages]

    /// - Parameter others: by the names of inputs; each holds as many samples as `first`.
    public init(_ first: any CalibrationImages, others: [String: any CalibrationImages]) {
        (self.first, self.others) = (first, others)
    }

    public var count: Int { first.count }

    public func batch(_ indices: [Int]) throws -> Tensor { try first.batch(indices) }

    public func batch(_ indices: [Int], ofInput name: String) throws -> Tensor? {
        try others[name]?.batch(indices)
    }
}

/// Maps brightness from 0 to 1 to a network's input: (brightness * factor - mean) / deviation.
public struct PixelScale: Sendable, Equatable {
    /// The factor that brightness is multiplied by before the mean is subtracted.
    public var factor: Double
    /// The value subtracted, one for each channel.
    public var mean: [Double]
    /// The divisor of the difference, one for each channel.
    public var deviation: [Double]

    /// A scale with one mean and one deviation for each channel.
    public init(factor: Double = 1, mean: [Double], deviation: [Double]) {
        self.factor = factor
        self.mean = mean
        self.deviation = deviation
    }

    /// ImageNet's statistics; for a number of channels other than 3, their average for all.
    public static func imageNet(channels: Int) -> PixelScale {
        let (mean, deviation) = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
        guard channels != 3 else { return PixelScale(mean: mean, deviation: deviation) }
        return PixelScale(
            mean: [Double](repeating: 0.449, count: channels),
            deviation: [Double](repeating: 0.226, count: channels))
    }
}

extension Graph {
    /// The element type that the first input without default takes images in; float32 if it is not known.
    package var imageType: ElementType {
        requiredInputs.first.flatMap { self[$0].tensorType?.elementType } ?? .float32
    }
}
