import Foundation
import FuzzTargets
import Testing

/// The inputs that fuzzers once found and those that they start from: none may be a finding again.
@Suite struct ReplayTests {
    struct Input: Sendable, CustomTestStringConvertible {
        let target: FuzzTarget
        let path: String
        var testDescription: String { path }
    }

    static let inputs: [Input] = FuzzTarget.allCases.flatMap { target in
        let folder = "\(repository)/fixtures/fuzz/\(target.rawValue)"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.sorted().map { Input(target: target, path: "\(folder)/\($0)") }
    }

    private static let repository = String(#filePath.split(separator: "/Tests/").first ?? ".")

    @Test func thereAreInputs() { #expect(!ReplayTests.inputs.isEmpty) }

    @Test(arguments: inputs) func isHandled(_ input: Input) throws {
        let data = try Data(contentsOf: URL(filePath: input.path))
        try data.withUnsafeBytes { try input.target.run($0) }
    }
}
