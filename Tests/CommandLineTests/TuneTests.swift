import Foundation
import TestSupport
import Testing

/// `--weights tune`, on a trained network and images that ship with the repository.
@Suite struct TuneTests {
    private static let model = Fixtures.trained.appending(path: "fashion-bottleneck.onnx").path
    private static let images =
        Repository.root.appending(path: "fixtures/images/fashion/calibration-images-idx3-ubyte").path
    private static let options = [
        "--mod-ratio", "1/8", "--router", "fixed", "--calibrate", images, "--calibrate-samples", "64",
        "--mean",
        "0.2860", "--std", "0.3530",
    ]

    @Test(
        "A tuned network is verified, is the same at any number of threads, and agrees more than a refitted one"
    )
    func tuned() throws {
        let folder = try TemporaryFolder()
        func convert(_ output: String, _ more: [String]) throws -> String {
            try CommandLineTool.succeed([Self.model] + Self.options + ["-o", output] + more, in: folder)
        }
        // With real images and so low a ratio, tuning is the default.
        let text = try convert("one.onnx", ["--threads", "1"]).unwrapped
        #expect(text.contains("tuned: on images that only judged, the output erred by"))
        _ = try convert("two.onnx", ["--weights", "tune", "--threads", "2", "-q"])
        #expect(try folder.contents("one.onnx") == folder.contents("two.onnx"))
        _ = try convert("refit.onnx", ["--weights", "refit", "-q"])
        func agreement(_ file: String) throws -> Double {
            struct Result: Decodable {
                struct Model: Decodable { let agreement: Double }
                let models: [Model]
            }
            let test = Repository.root.appending(path: "fixtures/images/fashion/test-images-idx3-ubyte").path
            let json = try CommandLineTool.succeed(
                [
                    "evaluate", Self.model, file, "--data", test, "--mean", "0.2860", "--std", "0.3530",
                    "--json",
                    "-",
                ], in: folder)
            return try #require(
                try JSONDecoder().decode(Result.self, from: Data(json.utf8)).models.last
            ).agreement
        }
        #expect(try agreement("one.onnx") > agreement("refit.onnx"))
        let explained = try CommandLineTool.succeed(
            ["explain", "one.onnx", "--source", Self.model], in: folder)
        #expect(explained.unwrapped.contains("were then tuned by gradients, block by block"))
    }
}
