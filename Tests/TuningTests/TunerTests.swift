import GraphIR
import Operators
import Runtime
import Testing

@testable import Tuning

@Suite struct TunerTests {
    /// A bottleneck with an activation of its own, the images that it reads, and what another one of the same shape makes of
    /// them.
    private struct Problem {
        let graph: Graph
        let parameters: [ValueID]
        let data: TuningData

        init(images: Int = 40, differs: Bool = true) throws {
            func block(_ seed: UInt64) throws -> (Graph, [ValueID]) {
                var small = try SmallGraph(channels: 6, extents: [5, 7], seed: seed)
                var value = try small.convolution(small.input, inputs: 6, outputs: 4, kernel: [1, 1])
                value = try small.add("Relu", [value])
                value = try small.convolution(
                    value, inputs: 4, outputs: 4, kernel: [3, 3], ["pads": .ints([1, 1, 1, 1])])
                value = try small.add("Relu", [value])
                value = try small.convolution(value, inputs: 4, outputs: 6, kernel: [1, 1])
                value = try small.add("Relu", [small.add("Add", [value, small.input])])
                return (try small.graph(value), small.parameters)
            }
            (graph, parameters) = try block(1)
            var generator = SplitMix(state: 9)
            let chunks = try stride(from: 0, to: images, by: 8).map { start in
                let count = min(8, images - start)
                let values = (0..<(count * 6 * 35)).map { _ in Float.random(in: -1...1, using: &generator) }
                return try Tensor(shape: [count, 6, 5, 7], values)
            }
            let session = try Session(differs ? block(2).0 : graph)
            let targets = try chunks.map { try session.run(["x": $0])[0].tensor }
            data = TuningData(
                inputs: [chunks], targets: targets, fitted: 0..<(chunks.count - 1),
                judging: (chunks.count - 1)..<chunks.count)
        }

        func tuned(
            threads: Int, seed: UInt64 = 1, _ change: (inout TuningSettings) -> Void = { _ in }
        ) throws -> Tuner.Tuned? {
            var settings = TuningSettings()
            settings.batch = 16
            change(&settings)
            let tuner = Tuner(
                try Program(graph, parameters: parameters), data, settings, Workers(count: threads))
            var generator = SplitMix(state: seed)
            return try tuner.tune(using: &generator)
        }
    }

    @Test("Tuning lowers the error on images that it is not fitted to")
    func lowersError() throws {
        let problem = try Problem()
        let tuned = try #require(try problem.tuned(threads: 1) { $0.rate = 0.02 })
        #expect(tuned.after < tuned.before / 2)
    }

    @Test("Results do not depend on the number of threads", arguments: [2, 3, 8])
    func threads(_ count: Int) throws {
        let problem = try Problem(images: 43)
        func parameters(_ threads: Int) throws -> [[Float]] {
            try #require(try problem.tuned(threads: threads) { $0.steps = 60...60 }).parameters
        }
        #expect(try parameters(1) == parameters(count))
    }

    @Test("The seed decides the batches")
    func seeds() throws {
        let problem = try Problem()
        let one = try problem.tuned(threads: 1, seed: 1) { $0.steps = 50...50 }
        let two = try problem.tuned(threads: 1, seed: 2) { $0.steps = 50...50 }
        #expect(one?.parameters != two?.parameters)
    }

    @Test("Parameters that are right already are left alone, and tuning ends early")
    func neverWorse() throws {
        let problem = try Problem(differs: false)
        #expect(try problem.tuned(threads: 1) == nil)
    }

    @Test("A rate that makes all worse changes nothing")
    func diverging() throws {
        let problem = try Problem()
        let tuned = try problem.tuned(threads: 1) { $0.rate = 1e6 }
        #expect(tuned == nil)
    }

    @Test("Only the first elements of a parameter are tuned where so many are asked for")
    func partly() throws {
        let problem = try Problem()
        let weights = try #require(problem.parameters.first)
        let program = try Program(problem.graph, parameters: problem.parameters, tuning: [weights: 5])
        let tuner = Tuner(program, problem.data, TuningSettings(), Workers(count: 1))
        var generator = SplitMix(state: 1)
        let tuned = try #require(try tuner.tune(using: &generator))
        #expect(tuned.parameters[0][5...] == program.parameters[0].start[5...])
        #expect(tuned.parameters[0][..<5] != program.parameters[0].start[..<5])
    }

    @Test("Nodes before the first parameter are inputs of the program, whatever they are")
    func frozen() throws {
        var small = try SmallGraph(channels: 3, extents: [4, 4])
        let before = try small.add("Sin", [small.input])
        let value = try small.convolution(before, inputs: 3, outputs: 3, kernel: [1, 1])
        let sum = try small.add("Add", [value, small.add("Cos", [before])])
        let graph = try small.graph(sum)
        let program = try Program(graph, parameters: small.parameters)
        #expect(program.inputs.map { graph[$0].name } == ["value1", "value5"])
    }

    @Test("An epoch has every image once, and epochs differ")
    func batches() {
        var order = BatchOrder(images: 10)
        var generator = SplitMix(state: 4)
        let drawn = (0..<4).map { _ in order.next(5, using: &generator) }
        #expect(Set(drawn[0] + drawn[1]) == Set(0..<10))
        #expect(Set(drawn[2] + drawn[3]) == Set(0..<10))
        #expect(drawn[0] + drawn[1] != drawn[2] + drawn[3])
    }

    @Test("Large maps take smaller batches")
    func batchSizes() {
        let settings = TuningSettings()
        #expect(settings.batch(pixels: 49, images: 192) == 64)
        #expect(settings.batch(pixels: 28 * 28, images: 192) == 64)
        #expect(settings.batch(pixels: 56 * 56, images: 192) == 16)
        #expect(settings.batch(pixels: 49, images: 12) == 12)
    }

    @Test("The rate falls to zero, and is less for long filters")
    func rates() {
        let settings = TuningSettings()
        #expect(settings.rate(step: 0, of: 300, fanIn: 1) == settings.rate)
        #expect(settings.rate(step: 0, of: 300, fanIn: 256) == settings.rate / 2)
        #expect(settings.rate(step: 300, of: 300, fanIn: 1) < 1e-12)
        #expect(abs(settings.rate(step: 150, of: 300, fanIn: 1) - settings.rate / 2) < 1e-12)
    }

    @Test("Cheap steps are many, dear ones few")
    func stepCounts() {
        let settings = TuningSettings()
        #expect(settings.steps(work: 1 << 20, batch: 64) == 1000)
        #expect(settings.steps(work: 1 << 40, batch: 64) == 300)
        #expect(settings.steps(work: 1 << 26, batch: 10) == 546)
    }
}
