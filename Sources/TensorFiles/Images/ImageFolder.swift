import FoundationEssentials
import GraphIR

/// A folder of images, with or without labels.
///
/// Images in folders of their own are labelled, as in torchvision's `ImageFolder`: the folders in the order
/// of their names are the classes 0, 1, ... Images directly in the folder have no labels.
public struct ImageFolder: Sendable, Equatable {
    /// One image file.
    public struct Entry: Sendable, Equatable {
        /// The folder's path and the file's name in it.
        public let path: String
        /// The class of the image; nil if the folder has none.
        public let label: Int?
    }

    /// The entries in the order of classes, then of names.
    public let entries: [Entry]
    /// The names of the classes, in the order of the labels; empty without labels.
    public let classes: [String]

    /// Lists the PNG and JPEG files of a folder, or of its folders; ignores other files, and those whose name
    /// starts with a dot.
    ///
    /// - Throws: `FileError` if the folder cannot be read; `TensorFileError.testData` if it contains no
    ///   image.
    public init(path: String) throws {
        let names = try ImageFolder.list(path)
        let images = names.filter(ImageFolder.isImage)
        guard images.isEmpty else {
            entries = images.map { Entry(path: path + "/" + $0, label: nil) }
            classes = []
            return
        }
        let folders = try names.compactMap { name -> (name: String, images: [String])? in
            guard ImageFolder.isFolder(path + "/" + name) else { return nil }
            let images = try ImageFolder.list(path + "/" + name).filter(ImageFolder.isImage)
            return images.isEmpty ? nil : (name, images)
        }
        guard !folders.isEmpty else {
            throw TensorFileError(
                .testData, file: path, "holds no images",
                remedy: "name a folder of .png or .jpg files, or of one such folder for each class")
        }
        classes = folders.map(\.name)
        entries = folders.enumerated().flatMap { label, folder in
            folder.images.map { Entry(path: "\(path)/\(folder.name)/\($0)", label: label) }
        }
    }

    /// Whether a file's name is that of a PNG or JPEG image.
    public static func isImage(_ path: String) -> Bool {
        guard let dot = path.lastIndex(of: ".") else { return false }
        return ["png", "jpg", "jpeg"].contains(path[path.index(after: dot)...].lowercased())
    }

    /// The visible entries of a folder, ordered by the bytes of their names.
    private static func list(_ path: String) throws -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: path).filter { !$0.hasPrefix(".") }
                .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        } catch {
            throw FileError(
                path: path, kind: .unreadable, problem: "is not a folder that can be read")
        }
    }

    /// Whether there is a folder of that path.
    public static func isFolder(_ path: String) -> Bool {
        var isDirectory = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory
    }
}
