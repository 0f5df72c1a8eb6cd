import GraphIR

/// The tensors that a network's inputs take, sample by sample.
///
/// The first input takes the images of a source. Any other takes what the source has under its name, or, if that is
/// nothing, images of the source as well: input k of sample s that of sample s + k, in a circle, so that each sample of a
/// network of two towers is a pair of images.
public struct NetworkInputs: Sendable {
    /// The inputs' names, in the network's order.
    public let names: [String]
    /// The form in which the first input takes images.
    public let format: ImageFormat
    private let types: [ElementType]
    private let images: any CalibrationImages
    /// The names of the inputs besides the first that images of the source fit.
    private let likeFirst: Set<String>

    /// - Throws: `CalibrationError` if the first input takes no images of static size; `severalInputs` if the source has
    ///   nothing for another input, and images do not fit there.
    public init(_ graph: Graph, _ images: any CalibrationImages) throws {
        let format = try ImageFormat(graph)
        self.format = format
        let inputs = graph.requiredInputs.map { graph[$0] }
        names = inputs.map(\.name)
        types = inputs.map { $0.tensorType?.elementType ?? .float32 }
        self.images = images
        likeFirst = Set(
            inputs.dropFirst().filter { (try? ImageFormat($0, of: graph)) == format }.map(\.name))
        for name in names.dropFirst() where !likeFirst.contains(name) {
            guard try hasOwn(name) else { throw CalibrationError.severalInputs(name) }
        }
    }

    /// Whether the source has something of its own for an input.
    private func hasOwn(_ name: String) throws -> Bool {
        try images.count > 0 && images.batch([0], ofInput: name) != nil
    }

    /// The number of samples.
    public var count: Int { images.count }

    /// Whether an input takes other images of the source.
    public var pairsImages: Bool {
        get throws { try likeFirst.contains { try !hasOwn($0) } }
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
