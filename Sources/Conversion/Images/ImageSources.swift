import Calibration
import GraphIR
import MixtureOfDepths
import TensorFiles

/// Image files, decoded on request.
struct FileImages: CalibrationImages {
    let paths: [String]
    let preprocessing: ImagePreprocessing

    var count: Int { paths.count }

    func batch(_ indices: [Int]) throws -> Tensor {
        try preprocessing.tensor(paths: indices.map { paths[$0] }).casting(to: .float32)
    }
}

/// Images as bytes in one tensor.
struct PixelImages: CalibrationImages {
    let pixels: Tensor
    let preprocessing: ImagePreprocessing

    var count: Int { pixels.shape.first ?? 0 }

    func batch(_ indices: [Int]) throws -> Tensor {
        try preprocessing.tensor(pixels: try pixels.selecting(indices, axis: 0)).casting(to: .float32)
    }
}

/// Batches of images one after the other.
struct JoinedImages: CalibrationImages {
    private let tensors: [Tensor]
    /// For each image: its tensor, and its position there.
    private let places: [(tensor: Int, row: Int)]

    init(_ tensors: [Tensor]) {
        self.tensors = tensors
        places = tensors.enumerated().flatMap { index, tensor in
            (0..<(tensor.shape.first ?? 0)).map { (index, $0) }
        }
    }

    var count: Int { places.count }

    func batch(_ indices: [Int]) throws -> Tensor {
        let images = try indices.map { index in
            try tensors[places[index].tensor].selecting([places[index].row], axis: 0).casting(to: .float32)
        }
        let bytes = images.map(\.bytes)
        let shape = [indices.count] + (tensors.first?.shape.dropFirst() ?? [])
        return try Tensor(shape: shape, of: Float.self) { target in
            var place = UnsafeMutableRawBufferPointer(target)[...]
            for part in bytes {
                part.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: place).copyMemory(from: $0) }
                place = place.dropFirst(part.count)
            }
        }
    }
}

/// Some of a source's images, in an order drawn by a seed.
struct SampledImages: CalibrationImages {
    private let source: any CalibrationImages
    private let chosen: [Int]

    /// - Parameter skipping: the number of images at the start of that order that are left to others.
    init(_ source: any CalibrationImages, count: Int, seed: UInt64, skipping: Int = 0) {
        self.source = source
        var generator = SeededGenerator(seed: seed, stream: "calibration")
        // The order is shuffled, so that held-out images are as mixed as fitted ones.
        chosen = Array(
            (0..<source.count).shuffled(using: &generator).dropFirst(skipping).prefix(count))
    }

    var count: Int { chosen.count }

    func batch(_ indices: [Int]) throws -> Tensor { try source.batch(indices.map { chosen[$0] }) }

    func batch(_ indices: [Int], ofInput name: String) throws -> Tensor? {
        try source.batch(indices.map { chosen[$0] }, ofInput: name)
    }
}

/// The first images of a source.
public struct FirstImages: CalibrationImages {
    private let source: any CalibrationImages
    public let count: Int

    /// The first `limit` images, or all if there are fewer.
    public init(_ source: any CalibrationImages, limit: Int = .max) {
        self.source = source
        count = min(limit, source.count)
    }

    public func batch(_ indices: [Int]) throws -> Tensor { try source.batch(indices) }

    public func batch(_ indices: [Int], ofInput name: String) throws -> Tensor? {
        try source.batch(indices, ofInput: name)
    }
}
