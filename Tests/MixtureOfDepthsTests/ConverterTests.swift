import GraphIR
import MixtureOfDepths
import Operators
import Passes
import TestSupport
import Testing

@Suite struct ConverterTests {
    @Test("A converted graph is valid, static, scoped and documented", arguments: Fixtures.names)
    func graph(_ name: String) throws {
        guard let (canonical, conversion) = try Self.convert(name) else { return }
        let graph = conversion.model.graph
        try GraphCheck.validate(graph)
        // The source's signature, and the old blocks gone.
        #expect(graph.inputs.map { graph[$0].name } == canonical.inputs.map { canonical[$0].name })
        #expect(graph.outputs.map { graph[$0].name } == canonical.outputs.map { canonical[$0].name })
        for (entry, _) in conversion.plan.conversions {
            for node in entry.block.body { #expect(!graph.contains(node)) }
        }
        // Every new value lies in its block's scope and has a shape in which only the input's symbols are
        // open, and the product that a Reshape makes of them and numbers.
        let symbols = Set(canonical.values.flatMap { $0.shape?.dims.filter { $0.value == nil } ?? [] })
        for block in conversion.blocks {
            for id in block.nodes {
                #expect(graph[id].name.hasPrefix("\(block.block.scope)/mod/"))
                for case let output? in graph[id].outputs {
                    let shape = try #require(graph[output].shape, "\(graph[output].name)")
                    let isOpen = { (dim: Dim) in dim.value == nil && !symbols.contains(dim) }
                    let read = try #require(graph[id].input(0).flatMap { graph[$0].shape })
                    let isProduct =
                        graph[id].isOperator("Reshape") && !read.dims.contains(where: isOpen)
                        && read.isStatic == false && !shape.dims.dropFirst().contains { $0.value == nil }
                    #expect(isProduct || !shape.dims.contains(where: isOpen))
                }
            }
        }
        let manifest = try #require(Manifest(conversion.model))
        #expect(manifest.blocks == conversion.blocks.map(\.block))
        #expect(manifest.blocks.allSatisfy { graph.value(named: $0.values.output) != nil })
    }

    @Test("Weights that a kept block shares are not changed")
    func sharedWeights() throws {
        let (canonical, conversion) = try #require(try Self.convert("shared-weights-bottleneck"))
        let converted = Set(conversion.blocks.map(\.block.scope))
        #expect(converted.contains("/layer3/layer3.1"))
        let kept = canonical.nodes.filter { $0.name.hasPrefix("/layer3/layer3.2/") && $0.isOperator("Conv") }
        #expect(!kept.isEmpty)
        for node in kept {
            let twin = try #require(conversion.model.graph.nodes.first { $0.name == node.name })
            for position in 1..<node.inputs.count {
                #expect(
                    canonical.constant(node.input(position))
                        == conversion.model.graph.constant(twin.input(position)))
            }
        }
    }

    @Test(
        "The last convolution keeps its first k filters, the others the strongest units, in ascending order")
    func slicing() throws {
        let (canonical, conversion) = try #require(try Self.convert("torchvision-opset17"))
        let (entry, planned) = try #require(conversion.plan.conversions.first)
        let old = entry.block.body.map { canonical[$0] }.filter { $0.isOperator("Conv") }
        let graph = conversion.model.graph
        let new = conversion.blocks[0].nodes.map { graph[$0] }
            .filter { $0.isOperator("Conv") && $0.name.contains("/body/") }
        let oldBias = try #require(canonical.constant(old[2].input(2))?.floats)
        let newBias = try #require(graph.constant(new[2].input(2))?.floats)
        #expect(newBias == Array(oldBias.prefix(planned.form.processed)))
        // The units kept between convolutions 1 and 2, found by their biases, are those of highest
        // importance.
        let first = try #require(canonical.constant(old[0].input(1)))
        let second = try #require(canonical.constant(old[1].input(1)))
        let importance = (0..<first.shape[0]).map { unit in
            Self.norm(first, row: unit) * Self.norm(second, column: unit)
        }
        let strongest = importance.indices.sorted { importance[$0] > importance[$1] }
            .prefix(planned.form.hidden[0]).sorted()
        let biases = try #require(canonical.constant(old[0].input(2))?.floats)
        #expect(graph.constant(new[0].input(2))?.floats == strongest.map { biases[$0] })
    }

    @Test("A seed decides the selectors, and nothing else")
    func seeds() throws {
        let (_, first) = try #require(try Self.convert("torchvision-opset17", seed: 1))
        let (_, same) = try #require(try Self.convert("torchvision-opset17", seed: 1))
        let (_, other) = try #require(try Self.convert("torchvision-opset17", seed: 2))
        #expect(first.model.graph == same.model.graph)
        for value in first.model.graph.initializers {
            let twin = try #require(other.model.graph.value(named: value.name))
            #expect((value.constant == twin.constant) != value.name.contains("/selector/fc"), "\(value.name)")
        }
    }

    @Test("A converted file is refused as a source")
    func manifest() throws {
        let (_, conversion) = try #require(try Self.convert("torchvision-opset17"))
        var damaged = conversion.model
        for index in damaged.metadata.indices where damaged.metadata[index].key.hasSuffix(".blocks") {
            damaged.metadata[index].value = "[{]"
        }
        #expect(Manifest(conversion.model)?.blocks.count == 4)
        #expect(Manifest(damaged) == nil)
    }

    private static func convert(
        _ name: String, seed: UInt64 = 0
    ) throws -> (canonical: Graph, conversion: Converter.Conversion)? {
        guard try Fixtures.ledger(name).refused == nil else { return nil }
        var model = try Fixtures.model(name)
        model.graph = try Pipeline.canonical().run(model.graph)
        let recipe = PaperRecipe(ratio: try #require(ModRatio("0.5")))
        let plan = try Planner.plan(
            model.graph, ConversionRequest(.paper(recipe, on: .alternate), seed: seed))
        guard !plan.conversions.isEmpty else { return nil }
        return (model.graph, try Converter.apply(plan, to: model, sourceSHA256: nil))
    }

    private static func norm(_ weights: Tensor, row: Int) -> Double {
        let size = weights.shape[1...].reduce(1, *)
        return squares(weights).dropFirst(row * size).prefix(size).reduce(0, +).squareRoot()
    }

    private static func norm(_ weights: Tensor, column: Int) -> Double {
        let (rows, columns) = (weights.shape[0], weights.shape[1])
        let taps = weights.shape[2...].reduce(1, *)
        let all = squares(weights)
        return (0..<rows).map { row in
            all[((row * columns + column) * taps)..<((row * columns + column + 1) * taps)].reduce(0, +)
        }.reduce(0, +).squareRoot()
    }

    private static func squares(_ weights: Tensor) -> [Double] {
        (weights.floats ?? []).map { Double($0) * Double($0) }
    }
}
