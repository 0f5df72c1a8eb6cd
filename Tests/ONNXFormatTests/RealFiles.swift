import Foundation

/// Files that other tools wrote: Debian's ONNX test data, and this repository's fixtures.
enum RealFiles {
    static let testData = files(under: "/usr/share/libonnx-testdata/data", named: "model.onnx")
    static let fixtures = files(under: repository + "/fixtures/models", named: "model.onnx")
    static let formatCases = files(under: repository + "/fixtures/format", named: ".onnx")
    static let tensors = files(under: "/usr/share/libonnx-testdata/data", named: "input_0.pb")

    static let repository = String(#filePath.split(separator: "/Tests/").first ?? ".")

    private static func files(under folder: String, named name: String) -> [String] {
        (FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? [])
            .filter { $0.hasSuffix(name) }.sorted().map { folder + "/" + $0 }
    }
}
