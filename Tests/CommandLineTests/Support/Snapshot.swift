import Foundation
import TestSupport
import Testing

/// Compares a text with the file `Snapshots/<name>.txt`, word for word.
///
/// With `MODCONVERT_RECORD_SNAPSHOTS=1` in the environment the file is written instead, and the test fails,
/// so that nobody records by accident: look at the difference, then run the tests again.
func expectSnapshot(
    _ text: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation
) throws {
    let file = Repository.root.appending(path: "Tests/CommandLineTests/Snapshots/\(name).txt")
    if ProcessInfo.processInfo.environment["MODCONVERT_RECORD_SNAPSHOTS"] == "1" {
        try text.write(to: file, atomically: true, encoding: .utf8)
        Issue.record("recorded \(file.lastPathComponent)", sourceLocation: sourceLocation)
        return
    }
    let expected = try? String(contentsOf: file, encoding: .utf8)
    #expect(text == expected, "differs from \(file.lastPathComponent)", sourceLocation: sourceLocation)
}

extension String {
    /// The text with the figures hidden that depend on the order in which a processor's kernels add:
    /// differences, in scientific notation or exactly 0, and numbers with more than six decimals. Tolerances
    /// stay. Wrapped cells are joined first, because a figure's length decides where they break.
    var maskingMeasurements: String {
        // JSON is indented, and never wrapped.
        var text = hasPrefix("{") ? self : unwrapped
        text.replace(/(tolerance )?\b\d\.\d+e-?\d+/) { $0.1 == nil ? "#" : String($0.0) }
        text.replace(/(relative error|relative difference|relative|max abs) 0\b(?!\.)/) { "\($0.1) #" }
        text.replace(/\d+\.\d{7,}(e-\d+)?/, with: "#")
        text.replace(/("(?:relative|max_abs)" : )0\b/) { "\($0.1)#" }
        return text
    }
}
