// example
import GraphIR
import MixtureOfDepths
import ONNXFormat
import Passes
import Runtime

func convert(_ path: String, to output: String, ratio: ModRatio, image: Tensor) throws -> [Tensor] {
    // Import. The weights stay where they are, in the file's mapping.
    var model = try ONNXFile.read(path: path)
    // Run the passes that recognition relies on, and one more.
    model.graph = try Pipeline.canonical().run(model.graph)
    model.graph = try Pipeline([FoldBatchNormalization()]).run(model.graph)
    // Convert: every other block of a stage processes the given share of its channels.
    let plan = try Planner.plan(model.graph, ConversionOptions(ratio: ratio))
    let converted = try Converter.apply(plan, to: model, source: .init(sha256: nil)).model
    try ONNXFile.write(converted, to: output)
    // Run.
    return try Session(converted.graph).run(["input": image]).map(\.tensor)
}
// end of example
