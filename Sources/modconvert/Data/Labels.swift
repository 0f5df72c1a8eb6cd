import GraphIR
import TensorFiles

/// The classes of images, from a file that the user names.
enum Labels {
    /// Labels from a file: IDX, a `.npy` of whole numbers, or text with one number a line.
    static func read(_ path: String) throws -> [Int] {
        if IDXFile.isIDX(path) { return try IDXFile.read(path: path).integers ?? [] }
        if path.hasSuffix(".npy") || path.hasSuffix(".pb") {
            let tensor = try TensorFile.read(path: path).first?.tensor
            guard let tensor, let labels = tensor.integers, tensor.rank == 1 else {
                throw UsageError(
                    "--labels \(path)", "holds no list of whole numbers", remedy: "give one class an image")
            }
            return labels
        }
        let text = try ClassLabels(path: path).names
        let labels = text.compactMap { Int($0) }
        guard labels.count == text.count else {
            throw UsageError(
                "--labels \(path)", "holds lines that are no whole numbers",
                remedy: "give the class of each image, one a line")
        }
        return labels
    }
}
