import Foundation
import GraphIR
import TensorFiles

/// Fuzzes the readers and writers of tensor files. The first byte chooses the format.
enum TensorTarget {
    static let suffixes = ["npy", "npz", "pb", "safetensors"]

    static func run(_ bytes: UnsafeRawBufferPointer) throws(FuzzTarget.Finding) {
        guard let first = bytes.first else { return }
        let suffix = suffixes[Int(first) % suffixes.count]
        let folder = FileManager.default.temporaryDirectory.path(percentEncoded: false)
        let path = "\(folder)/modconvert-fuzz-\(ProcessInfo.processInfo.processIdentifier).\(suffix)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        guard FileManager.default.createFile(atPath: path, contents: Data(bytes.dropFirst())) else { return }
        guard let tensors = try answer({ try TensorFile.read(path: path) }) else { return }
        // The tensors read stay in the old file's mapping: a new file takes the name.
        guard try answer({ try TensorFile.write(tensors, to: path, overwrite: true) }) != nil else { return }
        guard let again = try answer({ try TensorFile.read(path: path) }) else {
            throw FuzzTarget.Finding("a file that was written is refused")
        }
        guard again.map(\.tensor) == tensors.map(\.tensor) else {
            throw FuzzTarget.Finding("tensors change when they are written")
        }
    }
}
