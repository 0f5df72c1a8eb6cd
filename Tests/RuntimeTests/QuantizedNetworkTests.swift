import GraphIR
import Operators
import TestSupport
import Testing

@testable import Runtime

/// Networks that onnxruntime quantised, against what it answers.
@Suite struct QuantizedNetworkTests {
    /// Within one step: a number near the middle of two may be rounded either way, as the order of roundings is not
    /// defined.
    @Test(arguments: QuantizedCase.all) func agreesWithOnnxruntime(_ test: QuantizedCase) throws {
        let (graph, data) = (try test.graph(), try test.data())
        let result = try Session(graph).run(["x": data.input])[0].tensor
        let steps = try #require(test.steps(result, data.output, in: graph))
        #expect(steps < 1.01, "\(steps) steps")
    }

    /// The same bits on every instruction set, at any number of threads, and for each sample of a batch alone.
    @Test(arguments: QuantizedCase.all) func isExact(_ test: QuantizedCase) throws {
        let (graph, data) = (try test.graph(), try test.data())
        let expected = try Session(graph).run(["x": data.input])[0].tensor
        for set in InstructionSet.supported {
            for threads in [1, 4] {
                let options = SessionOptions(threads: threads, instructionSet: set)
                let result = try Session(graph, options: options).run(["x": data.input])[0].tensor
                #expect(result == expected, "\(set), \(threads) threads")
            }
        }
    }

    /// No convolution or product is left in floats, and nothing to the reference evaluation.
    @Test(arguments: QuantizedCase.all) func computesOnBytes(_ test: QuantizedCase) throws {
        let (graph, data) = (try test.graph(), try test.data())
        let steps = try Session(graph).profile(["x": data.input], runs: 1).steps
        for step in steps {
            #expect(step.macs == 0 || step.kernel.hasPrefix("int8"), "\(step.label): \(step.kernel)")
            #expect(step.kernel != "reference", "\(step.label)")
        }
        // One step quantises the input, and one dequantises the output. (Around the Gather of gathered_qoperator,
        // quantize_static left a change of scale, which no step on bytes computes.)
        guard test.name != "gathered_qoperator" else { return }
        #expect(steps.count { $0.kernel == "quantize" } <= 1)
        #expect(steps.count { $0.kernel == "dequantize" } <= 1)
    }

    /// A whole network as other quantisers write it: NNCF puts no pair behind MaxPool and Flatten, whose bytes the layer
    /// behind reads all the same.
    @Test(arguments: QuantizedCase.networks) func runsOnBytes(_ test: QuantizedCase) throws {
        let (graph, data) = (try test.graph(), try test.data())
        let name = graph[try #require(graph.requiredInputs.first)].name
        let steps = try Session(graph).profile([name: data.input], runs: 1).steps
        for step in steps {
            #expect(step.kernel.hasPrefix("int8") || step.macs == 0, "\(step.label): \(step.kernel)")
        }
        #expect(steps.count { $0.kernel == "quantize" } == 1)
        #expect(steps.count { $0.kernel == "dequantize" } <= 1)
        let result = try Session(graph).run([name: data.input])[0].tensor
        let error = try #require(result.relativeError(to: data.output))
        #expect(error < 0.02, "\(error)")
    }

    /// Inner values that a run returns are computed, too.
    @Test func tapsAreComputed() throws {
        let test = try #require(QuantizedCase.all.first { $0.name == "residual_qdq" })
        let (graph, data) = (try test.graph(), try test.data())
        for node in graph.nodes where node.isOperator("Conv") || node.isOperator("Add") {
            let name = graph[try #require(node.output(0))].name
            let results = try Session(graph).run(["x": data.input], taps: [name])
            let expected = try ReferenceEvaluator.run(graph, inputs: ["x": data.input], taps: [name])
            let error = try #require(results.last).tensor.relativeError(
                to: try #require(expected.last).tensor)
            #expect(try #require(error) < 0.02, "\(name)")
        }
    }
}
