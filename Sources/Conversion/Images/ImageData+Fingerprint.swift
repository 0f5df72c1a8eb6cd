import GraphIR
import ONNXFormat
import TensorFiles

extension ImageData {
    /// The SHA-256 of a file of images; of a folder, that of the names of its images, or of its test data sets, in the
    /// order in which they are read.
    ///
    /// Tells other data apart at the cost of listing a folder: the contents of its files are not read.
    public static func fingerprint(_ path: String) throws -> String {
        guard ImageFolder.isFolder(path) else { return Fingerprint.sha256(try MappedFile(path: path).bytes) }
        let sets = try? TestDataSet.find(in: path)
        let files = try sets ?? ImageFolder(path: path).entries.map(\.path)
        let names = files.map { $0.utf8.dropFirst(path.utf8.count) }
        return Fingerprint.sha256(ByteRegion(Array(names.joined(separator: [0]))))
    }
}
