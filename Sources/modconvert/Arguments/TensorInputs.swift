import GraphIR
import TensorFiles

/// The files that `--input` names, matched with a model's inputs.
struct TensorInputs {
    /// The tensors, by the names of the model's inputs.
    private(set) var tensors: [String: Tensor] = [:]
    /// How images were turned into an input, if there were any.
    private(set) var preprocessing: ImagePreprocessing?
    /// The files of the images in the one input that is a batch of images.
    private(set) var images: [String] = []

    /// Reads `FILE` and `NAME=FILE` arguments: tensor files, images, and folders of images.
    ///
    /// A tensor goes to the input that the argument names, else to the input with the name in its file, else
    /// to the first input, in the model's order, that has none yet. All images for one input become one
    /// batch.
    ///
    /// - Parameter preprocess: turns images into an input.
    /// - Throws: `UsageError` for names that the model does not have, surplus tensors, and a number of images
    ///   that the model does not accept; any error of reading a file.
    static func read(
        _ arguments: [String], for graph: Graph,
        preprocess: (Value) throws -> ImagePreprocessing = ImagePreprocessing.init(for:)
    ) throws -> TensorInputs {
        var reading = Reading(graph)
        for argument in arguments { try reading.add(argument) }
        var inputs = TensorInputs()
        inputs.tensors = reading.tensors
        for (name, paths) in reading.images {
            guard let value = graph.value(named: name) else { continue }
            let preprocessing = try preprocess(value)
            try checkBatch(value, paths)
            inputs.tensors[name] = try preprocessing.tensor(paths: paths)
            inputs.preprocessing = preprocessing
            inputs.images = reading.images.count == 1 ? paths : []
        }
        return inputs
    }

    private static func checkBatch(_ value: Value, _ paths: [String]) throws {
        guard let batch = value.tensorType?.shape?.dims.first?.value, batch != paths.count else { return }
        throw UsageError(
            "input \"\(value.name)\"",
            "the model takes \(batch) image\(batch == 1 ? "" : "s") at a time, \(paths.count) are given",
            remedy: batch == 1 ? "run it for each" : "give \(batch)")
    }
}

/// Matches the arguments with inputs, one after the other.
private struct Reading {
    /// The inputs without default, in the model's order.
    private let names: [String]
    private let known: Set<String>
    /// The first input that may still be free; a tensor without a name goes there.
    private var firstFree = 0
    private(set) var tensors: [String: Tensor] = [:]
    private(set) var images: [(name: String, paths: [String])] = []
    /// The input for images without a name.
    private var imageInput: String?

    init(_ graph: Graph) {
        names = graph.requiredInputs.map { graph[$0].name }
        known = Set(graph.inputs.map { graph[$0].name })
    }

    mutating func add(_ argument: String) throws {
        let (name, path) = split(argument)
        if ImageFolder.isImage(path) {
            return try add(images: [path], to: name, argument)
        }
        if ImageFolder.isFolder(path) {
            return try add(images: ImageFolder(path: path).entries.map(\.path), to: name, argument)
        }
        for entry in try TensorFile.read(path: path) {
            let fileName = entry.name.flatMap { known.contains($0) ? $0 : nil }
            let target = try target(name ?? fileName, argument)
            guard !isTaken(target) else { throw twice(target, argument) }
            tensors[target] = entry.tensor
        }
    }

    private mutating func add(images paths: [String], to name: String?, _ argument: String) throws {
        let target = try target(name ?? imageInput, argument)
        if name == nil { imageInput = target }
        guard tensors[target] == nil else { throw twice(target, argument) }
        if let index = images.firstIndex(where: { $0.name == target }) {
            images[index].paths += paths
        } else {
            images.append((target, paths))
        }
    }

    private func isTaken(_ name: String) -> Bool {
        tensors[name] != nil || images.contains { $0.name == name }
    }

    private mutating func target(_ name: String?, _ argument: String) throws -> String {
        while name == nil, firstFree < names.count, isTaken(names[firstFree]) { firstFree += 1 }
        guard let target = name ?? (firstFree < names.count ? names[firstFree] : nil) else {
            throw UsageError(
                "--input \(argument)",
                "the model has \(names.count) input\(names.count == 1 ? "" : "s"), this is one more",
                remedy: "name the input, as in --input NAME=FILE")
        }
        guard known.contains(target) else {
            throw UsageError(
                "--input \(argument)", "the model has no input \"\(target)\"",
                remedy: "name one of: \(names.joined(separator: ", "))")
        }
        return target
    }

    private func twice(_ target: String, _ argument: String) -> UsageError {
        UsageError(
            "--input \(argument)", "input \"\(target)\" is given twice",
            remedy: "give each input one tensor")
    }

    /// `NAME=FILE`; names may contain equals signs themselves, so the longest known name counts.
    private func split(_ argument: String) -> (name: String?, path: String) {
        let places = argument.indices.filter { argument[$0] == "=" }
        guard let first = places.first else { return (nil, argument) }
        let place = places.last { known.contains(String(argument[..<$0])) } ?? first
        return (String(argument[..<place]), String(argument[argument.index(after: place)...]))
    }
}

extension ImagePreprocessing {
    /// The usual preprocessing of ImageNet's models.
    init(for value: Value) throws {
        try self.init(for: value.tensorType ?? TensorType(.float32, nil as Shape?))
    }
}
