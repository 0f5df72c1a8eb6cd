import Foundation

/// Where the package lies: the only place of the tests that knows.
public enum Repository {
    /// The folder of Package.swift.
    public static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../..").standardized

    /// A file or folder below the root: `docs/library.md`.
    public static func path(_ relative: String) -> String { root.appending(path: relative).path }
}
