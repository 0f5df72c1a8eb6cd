import Foundation
import TestSupport
import Testing

/// The scripts of `examples/training`, in their short form.
@Suite struct TrainingExampleTests {
    static let scripts = Repository.root.appending(path: "examples/training")

    /// Why the cycle is skipped, if it is.
    static let missing: String? = {
        let images = "/usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz"
        return PythonTool.missing
            ?? (FileManager.default.fileExists(atPath: images)
                ? nil : "no Fashion-MNIST: install the package dataset-fashion-mnist")
    }()

    @Test(
        "Networks are built, trained, brought back in two ways, and compared",
        .enabled(if: missing == nil, Comment(rawValue: missing ?? "")))
    func cycle() throws {
        let folder = try TemporaryFolder()
        let outcome = try PythonTool.run(
            [
                Self.scripts.appending(path: "cycle.py").path, CommandLineTool.executable.path,
                "--steps", "250", "--images", "200", "--folder", folder.path("."),
            ])
        #expect(outcome.status == 0, "\(outcome.output)")
        let models = ["base.trained.onnx", "base.pytorch.onnx", "mod.trained.onnx", "mod.pytorch.onnx"]
        let text = try CommandLineTool.succeed(
            ["evaluate"] + models + [
                "--data", "/usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz", "--labels",
                "/usr/share/datasets/fashion-mnist/t10k-labels-idx1-ubyte.gz", "--mean", "0.2860", "--std",
                "0.3530", "--limit", "200", "--json", "-",
            ], in: folder)
        let report = try JSONDecoder().decode(Evaluation.self, from: Data(text.utf8))
        let shares = report.models.map(\.topOne)
        // Chance is 0.1; both ways back hold the same network.
        #expect(shares.allSatisfy { $0 > 0.4 }, "\(shares)")
        #expect(shares[0] == shares[1] && shares[2] == shares[3], "\(shares)")
    }

    private struct Evaluation: Decodable {
        struct Model: Decodable {
            let topOne: Double
            enum CodingKeys: String, CodingKey { case topOne = "top_one" }
        }
        let models: [Model]
    }
}
