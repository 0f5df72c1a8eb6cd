import GraphIR

/// The names of a model's classes, one a line, in the order of its outputs.
struct ClassLabels {
    let names: [String]

    /// Reads a text file; empty lines at its end do not count.
    ///
    /// - Throws: `FileError` if it cannot be read, `UsageError` if it is too large for a list of classes.
    init(path: String) throws {
        let file = try MappedFile(path: path)
        guard file.count <= ClassLabels.longestFile else {
            throw UsageError(
                "--labels \(path)", "has \(file.count) bytes, more than a list of classes",
                remedy: "name a text file with one class a line")
        }
        let text = file.bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        while lines.last?.isEmpty == true { lines.removeLast() }
        names = lines.map(String.init)
    }

    private static let longestFile = 16 << 20

    /// - Throws: `UsageError` if no output has as many classes as there are names.
    func check(against outputs: [(name: String, tensor: Tensor)], path: String) throws {
        let classes = outputs.compactMap { $0.tensor.rank >= 2 ? $0.tensor.shape[1] : nil }
        guard !classes.contains(names.count) else { return }
        throw UsageError(
            "--labels \(path)",
            "names \(names.count) classes, the model has "
                + (classes.isEmpty ? "none" : classes.map(String.init).joined(separator: ", ")),
            remedy: "name the model's own labels, one a line")
    }
}
