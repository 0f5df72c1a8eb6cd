import GraphIR
import MixtureOfDepths
import ONNXFormat
import Operators
import Passes
import Runtime

/// Fuzzes the way from a source file to a converted one.
enum ConversionTarget {
    static func run(_ bytes: ByteRegion) throws(FuzzTarget.Finding) {
        guard let source = try answer({ try ONNXFile.parse(bytes, folder: nil, limits: ModelTarget.limits) })
        else { return }
        _ = Manifest(source)
        try runOnSeededInputs(source.graph)
        guard let canonical = try answer({ try Pipeline.canonical().run(source.graph) }) else { return }
        guard let ratio = ModRatio(numerator: 1, denominator: 2),
            let plan = try answer({
                try Planner.plan(
                    canonical, ConversionRequest(.paper(PaperRecipe(ratio: ratio), on: .all)))
            })
        else { return }
        var model = source
        model.graph = canonical
        guard
            let conversion = try answer({
                try Converter.apply(plan, to: model, sourceSHA256: nil)
            })
        else { return }
        do {
            try SchemaCheck.validate(conversion.model.graph)
        } catch {
            throw FuzzTarget.Finding("the converted graph is not valid: \(error)")
        }
        try ModelTarget.reread(conversion.model)
        try runOnSeededInputs(conversion.model.graph)
    }

    /// Runs a graph whose inputs are floats of static shapes, if that takes milliseconds only.
    private static func runOnSeededInputs(_ graph: Graph) throws(FuzzTarget.Finding) {
        let count = MACCount(graph)
        guard count.uncounted.isEmpty, count.total(.all) < 1 << 22 else { return }
        var inputs: [String: Tensor] = [:]
        for id in graph.inputs where graph[id].initializer == nil {
            guard let shape = graph[id].tensorType?.shape?.extents,
                let elements = Shape.elementCount(of: shape),
                elements <= 1 << 14, graph[id].tensorType?.elementType == .float32
            else { return }
            let contents = (0..<elements).map { Float($0 % 13) / 13 - 0.5 }
            inputs[graph[id].name] = try? Tensor(shape: shape, contents)
        }
        for value in graph.values {
            guard let type = value.tensorType, (type.shape?.elementCount ?? 0) <= 1 << 18 else { return }
        }
        _ = try answer { try Session(graph, options: SessionOptions(threads: 1)).run(inputs) }
    }
}
