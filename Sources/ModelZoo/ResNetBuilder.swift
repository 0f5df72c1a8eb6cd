import GraphIR
import MixtureOfDepths
import Operators

/// Builds the paper's networks as ONNX models with seeded He-normal weights.
///
/// Layers, names and strides are those of torchvision's ResNet v1.5 (stride on the 3x3 convolution);
/// BatchNormalization starts as the identity (scale 1, bias 0, mean 0, variance 1, epsilon 1e-5). A MoD
/// network is the standard network of its depths, taken through the same plan and emission as a converted
/// one, with fresh weights in the MoD bodies.
public struct ResNetBuilder {
    let architecture: Architecture
    let options: BuildOptions
    var edit: GraphEdit

    /// The opset and IR version of built models: old enough for any runtime of the last years.
    static let opset = 17
    static let irVersion = 8

    /// The model; for a MoD architecture also its plan and blocks.
    ///
    /// - Throws: `BuildError` for sizes that do not make a network.
    public static func build(
        _ architecture: Architecture, _ options: BuildOptions
    ) throws -> (model: Model, conversion: Converter.Conversion?) {
        try BuildError.check(architecture, options)
        var builder = ResNetBuilder(
            architecture: architecture, options: options,
            edit: GraphEdit(Graph(name: architecture.name, opsets: OpsetImports(onnx: opset))))
        try builder.buildNetwork()
        let graph = try ShapeInference.infer(try builder.edit.commit())
        let model = Model(
            irVersion: irVersion, graph: graph, producerName: ModConvertVersion.producer,
            producerVersion: ModConvertVersion.text)
        guard architecture.isMoD, let ratio = ModRatio(reduction: options.reduction) else {
            return (model, nil)
        }
        let plan = try Planner.plan(
            graph, ConversionOptions(ratio: ratio, weights: .he, seed: options.seed))
        let conversion = try Converter.apply(plan, to: model, source: Converter.Source(sha256: nil))
        return (conversion.model, conversion)
    }

    // MARK: Network

    private mutating func buildNetwork() throws {
        let batch: Dim =
            switch options.batch {
            case .fixed(let count): .fixed(count)
            case .symbol(let name): .symbol(name)
            }
        let input = try edit.addInput(
            "input",
            type: .tensor(TensorType(.float32, Shape([batch] + options.input.map(Dim.fixed)))))
        var value = try layer(
            input, "", Layer(name: "conv1", norm: "bn1", filters: options.width, kernel: 7, stride: 2),
            channels: options.input[0])
        value = try add("Relu", [value], "/relu")
        value = try add(
            "MaxPool", [value], "/maxpool",
            ["kernel_shape": .ints([3, 3]), "pads": .ints([1, 1, 1, 1]), "strides": .ints([2, 2])])
        var channels = options.width
        for (stage, depth) in architecture.depths.enumerated() {
            let width = options.width << stage
            for index in 0..<depth {
                let stride = stage > 0 && index == 0 ? 2 : 1
                value = try block(
                    value, "layer\(stage + 1).\(index)", width: width, channels: &channels, stride: stride)
            }
        }
        value = try add("GlobalAveragePool", [value], "/avgpool")
        value = try add("Flatten", [value], "/flatten", ["axis": .int(1)])
        let weights = try normal("fc.weight", shape: [options.classes, channels], fanIn: channels)
        let bias = try edit.addInitializer(
            "fc.bias", Tensor([Float](repeating: 0, count: options.classes)))
        let node = try edit.addNode(
            "Gemm", name: "/fc/Gemm", inputs: [value, weights, bias], outputs: ["output"],
            attributes: ["transB": .int(1)])
        if let output = edit.graph[node].output(0) { edit.addOutput(output) }
    }

    /// One residual block; `channels` enters as the input's and leaves as the output's.
    private mutating func block(
        _ input: ValueID, _ name: String, width: Int, channels: inout Int, stride: Int
    ) throws -> ValueID {
        let scope = "/\(name.prefix { $0 != "." })/\(name)"
        let layers: [Layer] =
            switch architecture.body {
            case .basic:
                [
                    Layer(name: "conv1", norm: "bn1", filters: width, kernel: 3, stride: stride),
                    Layer(name: "conv2", norm: "bn2", filters: width, kernel: 3, stride: 1),
                ]
            case .bottleneck:
                [
                    Layer(name: "conv1", norm: "bn1", filters: width, kernel: 1, stride: 1),
                    Layer(name: "conv2", norm: "bn2", filters: width, kernel: 3, stride: stride),
                    Layer(name: "conv3", norm: "bn3", filters: 4 * width, kernel: 1, stride: 1),
                ]
            }
        let output = layers.last?.filters ?? width
        var value = input
        var width = channels
        for (index, entry) in layers.enumerated() {
            if index > 0 { value = try add("Relu", [value], "\(scope)/relu\(index)") }
            value = try layer(value, scope, entry, channels: width, prefix: name + ".")
            width = entry.filters
        }
        var shortcut = input
        if stride != 1 || channels != output {
            let projection = Layer(
                name: "downsample.0", norm: "downsample.1", filters: output, kernel: 1, stride: stride)
            shortcut = try layer(input, scope, projection, channels: channels, prefix: name + ".")
        }
        channels = output
        let sum = try add("Add", [value, shortcut], scope)
        return try add("Relu", [sum], "\(scope)/relu")
    }

    // MARK: Layers

    private struct Layer {
        let name: String
        let norm: String
        let filters: Int
        let kernel: Int
        let stride: Int
    }

    /// Conv and BatchNormalization, or a Conv with bias where they are folded.
    private mutating func layer(
        _ input: ValueID, _ scope: String, _ layer: Layer, channels: Int, prefix: String = ""
    ) throws -> ValueID {
        let (filters, kernel) = (layer.filters, Int64(layer.kernel))
        let weights = try normal(
            "\(prefix)\(layer.name).weight", shape: [filters, channels, layer.kernel, layer.kernel],
            fanIn: channels * layer.kernel * layer.kernel,
            gain: options.batchNormalization == .folded ? ResNetBuilder.foldedIdentityGain : 1)
        var inputs: [ValueID?] = [input, weights]
        if options.batchNormalization == .folded {
            inputs.append(try vector("\(prefix)\(layer.name).bias", filters, 0))
        }
        let pad = kernel / 2
        let value = try add(
            "Conv", inputs, "\(scope)/\(layer.name)",
            [
                "kernel_shape": .ints([kernel, kernel]), "pads": .ints([pad, pad, pad, pad]),
                "strides": .ints([Int64(layer.stride), Int64(layer.stride)]),
            ])
        guard options.batchNormalization == .separate else { return value }
        let norm = "\(prefix)\(layer.norm)"
        let parameters = [
            try vector("\(norm).weight", filters, 1), try vector("\(norm).bias", filters, 0),
            try vector("\(norm).running_mean", filters, 0), try vector("\(norm).running_var", filters, 1),
        ]
        return try add(
            "BatchNormalization", [value] + parameters, "\(scope)/\(layer.norm)",
            ["epsilon": .float(ResNetBuilder.epsilon)])
    }

    private static let epsilon: Float = 1e-5

    /// What a BatchNormalization that starts as the identity multiplies by: 1 / sqrt(1 + epsilon).
    private static let foldedIdentityGain = 1 / (1 + Double(epsilon)).squareRoot()

    /// Adds a node named after its operator within `scope`.
    private mutating func add(
        _ operatorType: String, _ inputs: [ValueID?], _ scope: String, _ attributes: Attributes = [:]
    ) throws -> ValueID {
        let name = "\(scope)/\(operatorType)"
        return try edit.add(
            operatorType, inputs, output: "\(name)_output_0", name: name, attributes: attributes)
    }

    private mutating func normal(
        _ name: String, shape: [Int], fanIn: Int, gain: Double = 1
    ) throws -> ValueID {
        var generator = SeededGenerator(seed: options.seed, stream: name)
        let values = generator.normal(
            count: shape.reduce(1, *), deviation: gain * (2.0 / Double(fanIn)).squareRoot())
        return try edit.addInitializer(name, try Tensor(shape: shape, values))
    }

    private mutating func vector(_ name: String, _ count: Int, _ value: Float) throws -> ValueID {
        try edit.addInitializer(name, Tensor([Float](repeating: value, count: count)))
    }
}
