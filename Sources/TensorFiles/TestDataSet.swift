import FoundationEssentials
import GraphIR
import ONNXFormat

/// Inputs for a model and the expected outputs, in the layout of ONNX test data:
/// `test_data_set_N/{input_M,output_M}.pb`.
public struct TestDataSet: Sendable {
    /// The folder's path.
    public let path: String
    /// The inputs in the order of the numbers in their file names.
    public let inputs: [NamedTensor]
    /// The expected outputs, in the order of their numbers.
    public let outputs: [NamedTensor]

    /// The data sets at `path`: one folder of `.pb` files, or a folder of `test_data_set_N` folders, in
    /// numeric order.
    ///
    /// - Throws: `TensorFileError.testData` if there are none, or the error of reading a file.
    public static func find(in path: String) throws -> [String] {
        let entries = try list(path)
        if entries.contains(where: { isNumbered($0, "input_", ".pb") || isNumbered($0, "output_", ".pb") }) {
            return [path]
        }
        let folders = numbered(entries, "test_data_set_", "")
        guard !folders.isEmpty else {
            throw TensorFileError(.testData, file: path, "holds no test data")
        }
        return folders.map { path + "/" + $0 }
    }

    /// Reads one folder of `.pb` files.
    public init(path: String) throws {
        let entries = try TestDataSet.list(path)
        func read(_ prefix: String) throws -> [NamedTensor] {
            try TestDataSet.numbered(entries, prefix, ".pb").flatMap {
                try TensorFile.read(path: path + "/" + $0)
            }
        }
        self.path = path
        inputs = try read("input_")
        outputs = try read("output_")
        guard !inputs.isEmpty || !outputs.isEmpty else {
            throw TensorFileError(.testData, file: path, "holds no test data")
        }
    }

    /// The inputs under the model's names: matched by name if the model has an input of that name, else by
    /// position.
    ///
    /// - Parameter names: the model's inputs, without initialisers.
    /// - Throws: `TensorFileError.testData` if there are more tensors than names, or two for one name.
    public func inputs(named names: [String]) throws -> [String: Tensor] {
        try Dictionary(
            TestDataSet.match(inputs, names, "input", path).map { ($0.name, $0.tensor) },
            uniquingKeysWith: { first, _ in first })
    }

    /// The expected outputs under the model's names, in the order of the files.
    ///
    /// - Throws: the same errors as `inputs(named:)`.
    public func outputs(named names: [String]) throws -> [(name: String, tensor: Tensor)] {
        try TestDataSet.match(outputs, names, "output", path)
    }

    private static func match(
        _ tensors: [NamedTensor], _ names: [String], _ kind: String, _ path: String
    ) throws -> [(name: String, tensor: Tensor)] {
        let known = Set(names)
        // Names count only if all of them match: data sets made for another export of a model have other
        // names.
        let usesNames = tensors.allSatisfy { $0.name.map(known.contains) ?? false }
        var taken: Set<String> = []
        return try tensors.enumerated().map { position, entry in
            guard usesNames || names.indices.contains(position) else {
                throw TensorFileError(
                    .testData, file: path,
                    "holds \(tensors.count) \(kind)s, the model has \(names.count)",
                    remedy: "name the model's own test data")
            }
            let name = usesNames ? entry.name ?? "" : names[position]
            guard taken.insert(name).inserted else {
                throw TensorFileError(
                    .testData, file: path, place: "\(kind) \"\(name)\"", "is there twice",
                    remedy: "name the model's own test data")
            }
            return (name, entry.tensor)
        }
    }

    // MARK: Folders

    private static func list(_ path: String) throws -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: path)
        } catch {
            throw TensorFileError(.testData, file: path, "is not a folder that can be read")
        }
    }

    private static func number(_ name: String, _ prefix: String, _ suffix: String) -> Int? {
        guard name.hasPrefix(prefix), name.hasSuffix(suffix), name.count > prefix.count + suffix.count
        else { return nil }
        let digits = name.dropFirst(prefix.count).dropLast(suffix.count)
        return digits.allSatisfy(\.isWholeNumber) ? Int(digits) : nil
    }

    private static func isNumbered(_ name: String, _ prefix: String, _ suffix: String) -> Bool {
        number(name, prefix, suffix) != nil
    }

    private static func numbered(_ names: [String], _ prefix: String, _ suffix: String) -> [String] {
        names.compactMap { name in number(name, prefix, suffix).map { (name, $0) } }
            .sorted { ($0.1, $0.0) < ($1.1, $1.0) }.map(\.0)
    }
}
