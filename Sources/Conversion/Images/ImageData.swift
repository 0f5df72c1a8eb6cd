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
        if tensor.elementType == .uint8, graph[input].tensorType?.elementType != .uint8 {
            let preprocessing = try options.images(for: graph[input])
            return ImageData(
                images: PixelImages(pixels: tensor, preprocessing: preprocessing), labels: labels,
                note: ImageTensor.note(from: preprocessing.channels(of: tensor), to: preprocessing.channels))
        }
        let fitted = try ImageTensor(tensor, for: ImageFormat(graph), path: path)
        return ImageData(images: TensorImages(fitted.images), labels: labels, note: fitted.note)
    }

    private static func readTestData(
        _ sets: [String], _ path: String, _ graph: Graph, _ input: ValueID
    ) throws -> ImageData {
        let tensors = try sets.compactMap { set in
            try TestDataSet(path: set).inputs(named: [graph[input].name])[graph[input].name]
        }
        let format = try ImageFormat(graph)
        let fitted = try tensors.map { try ImageTensor($0, for: format, path: path) }
        return ImageData(images: JoinedImages(fitted.map(\.images)), labels: nil, note: fitted.first?.note)
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
