import GraphIR
import MixtureOfDepths
import Operators

/// Builds the paper's networks as ONNX models with seeded He-normal weights.
///
/// Layers, names and strides are those of torchvision. BatchNormalization has scale 1 (at the end of a
/// residual branch 1 / sqrt(blocks of the stage)), bias 0, mean 0, epsilon 1e-5, and the variance that its
/// convolution has for normally distributed images: activations are of order 1 at any depth, trained or not.
/// A MoD network is the standard network of its depths, taken through the same plan and emission as a
/// converted one, with fresh weights in the MoD bodies.
public struct NetworkBuilder {
    let architecture: Architecture
    let options: BuildOptions
    var edit: GraphEdit
    /// The moments of values that a later layer needs.
    var moments: [ValueID: ActivationMoments] = [:]

    /// The opset and IR version of built models: old enough for any runtime of recent years.
    static let opset = 17
    static let irVersion = 8

    /// The model; for a MoD architecture also its plan and blocks.
    ///
    /// - Throws: `BuildError` for sizes that do not make a network.
    public static func build(
        _ architecture: Architecture, _ options: BuildOptions
    ) throws -> (model: Model, conversion: Converter.Conversion?) {
        try BuildError.check(architecture, options)
        var builder = NetworkBuilder(
            architecture: architecture, options: options,
            edit: GraphEdit(Graph(name: architecture.name, opsets: OpsetImports(onnx: opset))))
        try builder.buildNetwork()
        let graph = try ShapeInference.infer(try builder.edit.commit())
        let model = Model(
            irVersion: irVersion, graph: graph, producerName: ModConvertVersion.producer,
            producerVersion: ModConvertVersion.text)
        guard architecture.isMoD, let recipe = options.blocks ?? architecture.usualBlocks else {
            return (UntrainedMark.marking(model), nil)
        }
        let plan = try Planner.plan(
            graph, ConversionRequest(.paper(recipe, on: .alternate), seed: options.seed))
        let conversion = try Converter.apply(plan, to: model, sourceSHA256: nil)
        return (UntrainedMark.marking(conversion.model), conversion)
    }

    private mutating func buildNetwork() throws {
        let batch: Dim =
            switch options.batch {
            case .fixed(let count): .fixed(count)
            case .symbol(let name): .symbol(name)
            }
        let input = try edit.addInput(
            "input",
            type: .tensor(TensorType(.float32, Shape([batch] + options.input.map(Dim.fixed)))))
        let features: (value: ValueID, channels: Int) =
            switch architecture.body {
            case .basic, .bottleneck: try resNetFeatures(input)
            case .invertedResidual: try mobileNetFeatures(input)
            case .plain: try vggFeatures(input)
            }
        try addHead(features.value, features.channels)
    }

    /// Global pooling and the classifier.
    private mutating func addHead(_ features: ValueID, _ channels: Int) throws {
        let name = architecture.classifier
        var value = try add("GlobalAveragePool", [features], "/avgpool")
        value = try add("Flatten", [value], "/flatten", ["axis": .int(1)])
        let weights = try normal("\(name).weight", shape: [options.classes, channels], fanIn: channels)
        let bias = try vector("\(name).bias", options.classes, 0)
        let scope = NetworkBuilder.scope(of: name)
        let node = try edit.addNode(
            "Gemm", name: "\(scope)/Gemm", inputs: [value, weights, bias], outputs: ["output"],
            attributes: ["transB": .int(1)])
        if let output = edit.graph[node].output(0) { edit.addOutput(output) }
    }
}
