import GraphIR

/// What the inputs of a network take, sample by sample.
///
/// The first input takes the images of a source. Any other takes what the source has under its name, or, if that is
/// nothing, images of the source as well: input k of sample s that of sample s + k, in a circle, so that each sample of a
/// network of two towers is a pair of images.
public struct NetworkInputs: Sendable {
    /// The inputs' names, in the network's order.
    public let names: [String]
    private let types: [ElementType]
    private let images: any CalibrationImages
    /// Of each input, whether images of the source fit.
    private let takesImages: [Bool]

    /// - Throws: `CalibrationError` if the first input takes no images of static size; `severalInputs` if the source has
    ///   nothing for another input, and images do not fit there.
    public init(_ graph: Graph, _ images: any CalibrationImages) throws {
        let format = try ImageFormat(graph)
        let inputs = graph.requiredInputs.map { graph[$0] }
        names = inputs.map(\.name)
        types = inputs.map { $0.tensorType?.elementType ?? .float32 }
        self.images = images
        takesImages = inputs.map { (try? ImageFormat($0, of: graph)) == format }
        for (input, takes) in zip(inputs, takesImages).dropFirst() where !takes {
            guard images.count > 0, try images.batch([0], ofInput: input.name) != nil else {
                throw CalibrationError.severalInputs(input.name)
            }
        }
    }

    /// The number of samples.
    public var count: Int { images.count }

    /// Whether an input takes other images of the source.
    public var pairsImages: Bool {
        get throws {
            try zip(names, takesImages).dropFirst().contains {
                try $1 && images.count > 0 && images.batch([0], ofInput: $0) == nil
            }
        }
    }

    /// The inputs of some samples, [n, ...] each, of the types that the network takes.
    ///
    /// - Parameter circle: the samples among which those of other inputs are looked for; it holds all of `indices`.
    public func batch(_ indices: [Int], in circle: Range<Int>) throws -> [Tensor] {
        try names.enumerated().map { place, name in
            try tensor(indices, place, name, circle).casting(to: types[place])
        }
    }

    /// The same by the inputs' names.
    public func named(_ indices: [Int], in circle: Range<Int>) throws -> [String: Tensor] {
        Dictionary(zip(names, try batch(indices, in: circle)), uniquingKeysWith: { first, _ in first })
    }

    private func tensor(_ indices: [Int], _ place: Int, _ name: String, _ circle: Range<Int>) throws -> Tensor
    {
        guard place > 0 else { return try images.batch(indices) }
        if let own = try images.batch(indices, ofInput: name) { return own }
        return try images.batch(
            indices.map { circle.lowerBound + ($0 - circle.lowerBound + place) % max(1, circle.count) })
    }
}
