import GraphIR

/// The formats of other frameworks that are given where an ONNX file belongs.
///
/// Signatures, which no ONNX file can begin with, are looked for before a file is parsed; TensorFlow's protobuf
/// files are told only from those that could not be parsed.
enum ForeignFormat: CaseIterable {
    case pyTorchArchive, keras, zip, pickle, hdf5, tensorFlowLite, safetensors, numPy, gzip, gitLFS, html
    case tensorFlow

    /// The format that a file's bytes indicate, unless it may be ONNX.
    static func signature(_ bytes: ByteRegion) -> ForeignFormat? {
        bytes.withUnsafeBytes { bytes in
            let head = Array(bytes.prefix(longestHead))
            if head.starts(with: [0x50, 0x4B, 3, 4]) { return archive(head) }
            if head.starts(with: [0x89] + Array("HDF\r\n".utf8)) { return .hdf5 }
            if head.dropFirst(4).starts(with: "TFL3".utf8) { return .tensorFlowLite }
            // Protocol 2 and later; older pickles are text.
            if head.count > 1, head[0] == 0x80, (2...5).contains(head[1]) { return .pickle }
            if head.count > 9, head[8] == UInt8(ascii: "{"), head[9] == UInt8(ascii: "\"") {
                return .safetensors
            }
            if head.starts(with: [0x93] + Array("NUMPY".utf8)) { return .numPy }
            if head.starts(with: [0x1F, 0x8B]) { return .gzip }
            if head.starts(with: "version https://git-lfs".utf8) { return .gitLFS }
            if head.starts(with: "<!DOCTYPE".utf8) || head.starts(with: "<html".utf8) { return .html }
            return nil
        }
    }

    /// The format of a file that is no ONNX file, as far as its first field tells: a GraphDef begins with a
    /// node, which begins with its name; a SavedModel with the version 1 and a graph.
    static func unparsable(_ bytes: ByteRegion) -> ForeignFormat? {
        bytes.withUnsafeBytes { bytes in
            let head = Array(bytes.prefix(8))
            let isGraphDef =
                head.count == 8 && head[0] == 0x0A && (head[2] == 0x0A || (head[1] > 0x7F && head[3] == 0x0A))
            return isGraphDef || head.starts(with: [0x08, 1, 0x12]) ? .tensorFlow : nil
        }
    }

    private static let longestHead = 4096

    /// PyTorch and Keras write zip archives with members of these names.
    private static func archive(_ head: [UInt8]) -> ForeignFormat {
        let text = String(decoding: head, as: UTF8.self)
        if text.contains("data.pkl") || text.contains("archive_format") || text.contains(".pt2") {
            return .pyTorchArchive
        }
        return text.contains("config.json") || text.contains("model.weights.h5") ? .keras : .zip
    }

    /// The end of a sentence that says what the file is, and the remedy.
    var error: ONNXFormatError {
        ONNXFormatError(.unsupported, "is \(name), not an ONNX file", remedy: remedy)
    }

    private var name: String {
        switch self {
        case .pyTorchArchive: "a PyTorch archive (.pt, .pth, .pt2)"
        case .keras: "a Keras archive (.keras)"
        case .zip: "a zip archive"
        case .pickle: "a Python pickle, as PyTorch and scikit-learn write them"
        case .hdf5: "an HDF5 file, as Keras writes them (.h5)"
        case .tensorFlowLite: "a TensorFlow Lite model (.tflite)"
        case .safetensors: "a .safetensors file, which holds weights without a graph"
        case .numPy: "a NumPy array (.npy)"
        case .gzip: "a gzip archive"
        case .gitLFS: "a Git LFS pointer in place of the file"
        case .html: "a web page"
        case .tensorFlow: "a TensorFlow graph (.pb)"
        }
    }

    private var remedy: String {
        switch self {
        case .pyTorchArchive, .pickle:
            "load it in Python, and export the module with torch.onnx.export(model, images, \"model.onnx\")"
        case .keras, .hdf5:
            "export the model with model.export(\"model.onnx\", format=\"onnx\"), or with tf2onnx"
        case .tensorFlowLite:
            "convert it with python -m tf2onnx.convert --tflite model.tflite --output model.onnx"
        case .tensorFlow:
            "convert it with python -m tf2onnx.convert --saved-model FOLDER (or --graphdef FILE) --output model.onnx"
        case .safetensors:
            "load it into its PyTorch module, and export that with torch.onnx.export; `import-weights` takes it for a graph"
        case .zip, .gzip: "unpack it, and name the .onnx file that is in it"
        case .numPy: "name the model"
        case .gitLFS: "fetch the file with git lfs pull"
        case .html: "download the file itself, not the page about it"
        }
    }
}
