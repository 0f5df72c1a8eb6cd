import GraphIR
import Operators
import Testing

@testable import Passes

extension Tensor {
    /// The largest difference to `other`, relative to the largest magnitude in either.
    func relativeError(to other: Tensor) throws -> Double {
        let (a, b) = (try #require(floats), try #require(other.floats))
        try #require(shape == other.shape)
        let scale = (a + b).map(abs).max() ?? 0
        let difference = zip(a, b).map { $0 == $1 ? 0 : abs(Double($0) - Double($1)) }.max() ?? 0
        return scale == 0 ? difference : difference / Double(scale)
    }
}

extension Graph {
    /// Seeded inputs, `batch` standing for symbols and unknown extents.
    func seededInputs(batch: Int = 2) throws -> [String: Tensor] {
        var inputs: [String: Tensor] = [:]
        for id in self.inputs where self[id].initializer == nil {
            let shape = try #require(self[id].shape).dims.map { $0.value ?? batch }
            inputs[self[id].name] = try .noise(shape, seed: self[id].name)
        }
        return inputs
    }

    /// Expects `other` to compute the same from seeded inputs, within 1e-5 of the largest output, and to have
    /// inputs and outputs of the same names and types.
    func expectSameOutputs(
        as other: Graph, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let inputs = try seededInputs()
        let mine = try ReferenceEvaluator.run(self, inputs: inputs)
        let theirs = try ReferenceEvaluator.run(other, inputs: inputs)
        #expect(mine.map(\.name) == theirs.map(\.name), sourceLocation: sourceLocation)
        for (a, b) in zip(mine, theirs) {
            #expect(try a.tensor.relativeError(to: b.tensor) < 1e-5, sourceLocation: sourceLocation)
        }
        #expect(self.inputs.map { self[$0].name } == other.inputs.map { other[$0].name })
        for (a, b) in zip(self.inputs + outputs, other.inputs + other.outputs) {
            let (mine, theirs) = (try #require(self[a].tensorType), try #require(other[b].tensorType))
            #expect(mine.merged(with: theirs) != nil, sourceLocation: sourceLocation)
        }
    }
}

extension Graph {
    /// The first output, evaluated by the operators' definitions.
    func evaluated(_ inputs: [String: Tensor]) throws -> Tensor {
        try #require(try ReferenceEvaluator.run(self, inputs: inputs).first).tensor
    }
}

extension Graph {
    /// Expects `pass` to turn the graph into one of these nodes that computes the same, and to have nothing
    /// left to do.
    ///
    /// - Returns: the rewritten graph.
    @discardableResult
    func expectRewrite(
        by pass: any Pass, to lines: [String], sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Graph {
        let after = try after(pass)
        #expect(after.lines == lines, sourceLocation: sourceLocation)
        try after.expectSameOutputs(as: self, sourceLocation: sourceLocation)
        #expect(try pass.run(after) == nil, sourceLocation: sourceLocation)
        return after
    }
}
