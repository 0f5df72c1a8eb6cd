import Calibration
import GraphIR
import MixtureOfDepths
import TensorFiles

/// Images for a model, with labels if their source has them.
public struct ImageData: Sendable {
    /// The images, read on request.
    public let images: any CalibrationImages
    /// The class of each image; nil where the source has none.
    public let labels: [Int]?
    /// A sentence on a change to the images that can be seen in them; nil if there was none.
    public let note: String?

    init(images: any CalibrationImages, labels: [Int]?, note: String? = nil) {
        self.images = images
        self.labels = labels
        self.note = note
    }

    /// Reads a folder of images, one image, a `.npy`, `.npz` or `.pb` file, a folder of test data sets, or an IDX file
    /// of (Fashion-)MNIST.
    ///
    /// Images and bytes are preprocessed; tensors of other numbers are the model's input itself, as `ImageTensor`
    /// says. An IDX file of images brings the labels with it that lie beside it under the usual name.
    public static func read(
        _ path: String, for graph: Graph, _ options: CalibrationData.Preprocessing
    ) throws -> ImageData {
        guard let id = graph.requiredInputs.first else {
            throw CalibrationError.dynamicShape("input")
        }
        if IDXFile.isIDX(path) { return try readIDX(path, options.images(for: graph[id])) }
        guard ImageFolder.isFolder(path) else {
            guard ImageFolder.isImage(path) else { return try readTensors(path, for: graph, id, options) }
            return try files([path], nil, options.images(for: graph[id]))
        }
        if let sets = try? TestDataSet.find(in: path) {
            return try readTestData(sets, path, graph, id)
        }
        let folder = try ImageFolder(path: path)
        let labels = folder.entries.compactMap(\.label)
        return try files(
            folder.entries.map(\.path), labels.count == folder.entries.count ? labels : nil,
            options.images(for: graph[id]))
    }

    // MARK: Sources

    private static func files(
        _ paths: [String], _ labels: [Int]?, _ preprocessing: ImagePreprocessing
    ) throws -> ImageData {
        // One kind of images fills a folder.
        let isGrey = try paths.first.map { try RGBImage(path: $0).isGrey } ?? false
        return ImageData(
            images: FileImages(paths: paths, preprocessing: preprocessing), labels: labels,
            note: ImageTensor.note(from: isGrey ? 1 : 3, to: preprocessing.channels))
    }

    private static func readIDX(
        _ path: String, _ preprocessing: ImagePreprocessing
    ) throws -> ImageData {
        let pixels = try IDXFile.read(path: path)
        let labels = path.replacingLast("-images-idx3-", by: "-labels-idx1-")
            .flatMap { try? IDXFile.read(path: $0).integers }
        return ImageData(
            images: PixelImages(pixels: pixels, preprocessing: preprocessing),
            labels: labels?.count == pixels.shape.first ? labels : nil)
    }

    private static func readTensors(
        _ path: String, for graph: Graph, _ input: ValueID, _ options: CalibrationData.Preprocessing
    ) throws -> ImageData {
        let entries = try TensorFile.read(path: path)
        let images =
            entries.first { $0.name == graph[input].name } ?? entries.first { $0.tensor.rank >= 3 }
            ?? entries.first
        guard let tensor = images?.tensor else {
            throw TensorFileError(.testData, file: path, "holds no tensor")
        }
        let labels = entries.first { $0.tensor.shape == [tensor.shape.first ?? 0] }?.tensor.integers
        let first = try samples(tensor, for: graph[input], of: graph, path, options)
        var others: [String: any CalibrationImages] = [:]
        for other in graph.requiredInputs.dropFirst().map({ graph[$0] }) {
            guard let tensor = entries.first(where: { $0.name == other.name })?.tensor else { continue }
            let own = try samples(tensor, for: other, of: graph, path, options)
            guard own.images.count == first.images.count else {
                throw TensorFileError(
                    .malformed, file: path, place: "array \"\(other.name)\"",
                    "holds \(own.images.count) samples, the first input's holds \(first.images.count)",
                    remedy: "give as many of each")
            }
            others[other.name] = own.images
        }
        return ImageData(
            images: others.isEmpty ? first.images : InputImages(first.images, others: others),
            labels: labels, note: first.note)
    }

    /// The samples of one input: bytes become images, other numbers are what it takes.
    private static func samples(
        _ tensor: Tensor, for input: Value, of graph: Graph, _ path: String,
        _ options: CalibrationData.Preprocessing
    ) throws -> (images: any CalibrationImages, note: String?) {
        if tensor.elementType == .uint8, (try? ImageFormat(input, of: graph)) != nil {
            let preprocessing = try options.images(for: input)
            return (
                PixelImages(pixels: tensor, preprocessing: preprocessing),
                ImageTensor.note(from: preprocessing.channels(of: tensor), to: preprocessing.channels)
            )
        }
        let fitted = try fitted(tensor, for: input, of: graph, path)
        return (TensorImages(fitted.tensor), fitted.note)
    }

    /// The tensor as an input takes it: images, or, where it takes no images, the values.
    private static func fitted(
        _ tensor: Tensor, for input: Value, of graph: Graph, _ path: String
    ) throws -> (tensor: Tensor, note: String?) {
        guard let format = try? ImageFormat(input, of: graph) else {
            return (try values(tensor, for: input, path), nil)
        }
        let images = try ImageTensor(tensor, for: format, path: path)
        return (images.images, images.note)
    }

    /// The tensor as the input takes it, [n, ...].
    private static func values(_ tensor: Tensor, for input: Value, _ path: String) throws -> Tensor {
        let expected = input.tensorType?.shape?.dims.dropFirst() ?? []
        guard let type = input.tensorType?.elementType, !tensor.shape.isEmpty,
            tensor.shape.count == expected.count + 1,
            zip(expected, tensor.shape.dropFirst()).allSatisfy({ $0.value == nil || $0.value == $1 })
        else {
            throw TensorFileError(
                .malformed, file: path, place: "array \"\(input.name)\"",
                "the input takes \(input.tensorType.map(String.init(describing:)) ?? "no tensor"), the data are "
                    + "\(tensor.elementType.onnxName) \(tensor.shape.map(String.init).joined(separator: "x"))",
                remedy: "give an array of that shape")
        }
        return try tensor.casting(to: type)
    }

    private static func readTestData(
        _ sets: [String], _ path: String, _ graph: Graph, _ input: ValueID
    ) throws -> ImageData {
        let inputs = graph.requiredInputs.map { graph[$0] }
        let tensors = try sets.map { try TestDataSet(path: $0).inputs(named: inputs.map(\.name)) }
        func samples(_ input: Value) throws -> [(tensor: Tensor, note: String?)] {
            try tensors.compactMap { $0[input.name] }.map { try fitted($0, for: input, of: graph, path) }
        }
        let first = try samples(graph[input])
        var others: [String: any CalibrationImages] = [:]
        for other in inputs.dropFirst() {
            let own = try samples(other)
            if own.count == first.count { others[other.name] = JoinedImages(own.map(\.tensor)) }
        }
        return ImageData(
            images: InputImages(JoinedImages(first.map(\.tensor)), others: others), labels: nil,
            note: first.first?.note)
    }
}

extension String {
    /// The string with the last occurrence of a part replaced; nil if it is not there.
    fileprivate func replacingLast(_ part: String, by replacement: String) -> String? {
        var start = startIndex
        var found: Range<String.Index>?
        while let range = self[start...].firstRange(of: part) {
            found = range
            start = range.upperBound
        }
        return found.map { replacingCharacters($0, by: replacement) }
    }

    private func replacingCharacters(_ range: Range<String.Index>, by replacement: String) -> String {
        String(self[..<range.lowerBound]) + replacement + String(self[range.upperBound...])
    }
}
