import Foundation
import TestSupport
import Testing

/// The quick half of docs/targets.md: onnxruntime with its quantizer and its shape inference, ONNX's evaluator of
/// reference, and onnx2torch, on every form at every batch, if `MODCONVERT_PYTHON` or `python3` has the packages.
@Suite struct ToolchainTests {
    /// Why the toolchains are not run, if so.
    static let missing: String? = {
        let outcome = try? PythonTool.run(["-c", "import onnx, onnxruntime"])
        return outcome?.status == 0 ? nil : "\(PythonTool.name) has no onnx and onnxruntime"
    }()

    @Test(
        "Every toolchain that is there takes every form",
        .enabled(if: missing == nil, Comment(rawValue: missing ?? "")))
    func quick() throws {
        let script = Repository.root.appending(path: "benchmarks/targets/run.py")
        let outcome = try PythonTool.run([
            script.path, "--here", "--modconvert", CommandLineTool.executable.path,
        ])
        #expect(outcome.status == 0, "\(outcome.output)")
    }
}
