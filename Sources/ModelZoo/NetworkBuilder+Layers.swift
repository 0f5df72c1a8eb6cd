import GraphIR
import MixtureOfDepths

extension NetworkBuilder {
    /// A convolution with its normalisation, named after the modules that hold them.
    struct Layer {
        var name: String
        var norm: String
        var filters: Int
        var kernel: Int
        var stride = 1
        var groups = 1
        /// Whether the convolution has a bias besides its normalisation's.
        var hasBias = false
        /// The scale of the normalisation, which is the standard deviation of its output.
        var scale = 1.0
    }

    /// `layer1.0.conv1` has the scope `/layer1/layer1.0/conv1`: numbers stay with the name before them.
    static func scope(of module: String) -> String {
        var scopes: [String] = []
        for part in module.split(separator: ".").map(String.init) {
            scopes.append(
                Int(part) != nil && scopes.last != nil ? "\(scopes[scopes.count - 1]).\(part)" : part)
        }
        return scopes.map { "/\($0)" }.joined()
    }

    /// Conv and BatchNormalization, or a Conv with bias if they are folded.
    ///
    /// The normalisation's variance is the one that the convolution has for normally distributed images, so
    /// the output has variance 1, times the scale's square, in networks of any depth.
    mutating func layer(_ input: ValueID, _ layer: Layer, channels: Int) throws -> ValueID {
        let (filters, kernel) = (layer.filters, Int64(layer.kernel))
        let inputs = channels / layer.groups
        let isFolded = options.batchNormalization == .folded
        let variance = Float(self.moments[input, default: .standardNormal].convolved)
        let gain = layer.scale / Double(variance + NetworkBuilder.epsilon).squareRoot()
        let weights = try normal(
            "\(layer.name).weight", shape: [filters, inputs, layer.kernel, layer.kernel],
            fanIn: inputs * layer.kernel * layer.kernel,
            gain: isFolded ? gain : 1)
        var parameters: [ValueID?] = [input, weights]
        if isFolded || layer.hasBias { parameters.append(try vector("\(layer.name).bias", filters, 0)) }
        let pad = kernel / 2
        var attributes: Attributes = [
            "kernel_shape": .ints([kernel, kernel]), "pads": .ints([pad, pad, pad, pad]),
            "strides": .ints([Int64(layer.stride), Int64(layer.stride)]),
        ]
        if layer.groups > 1 { attributes["group"] = .int(Int64(layer.groups)) }
        var value = try add("Conv", parameters, NetworkBuilder.scope(of: layer.name), attributes)
        if !isFolded {
            let norm = [
                try vector("\(layer.norm).weight", filters, Float(layer.scale)),
                try vector("\(layer.norm).bias", filters, 0),
                try vector("\(layer.norm).running_mean", filters, 0),
                try vector("\(layer.norm).running_var", filters, variance),
            ]
            value = try add(
                "BatchNormalization", [value] + norm, NetworkBuilder.scope(of: layer.norm),
                ["epsilon": .float(NetworkBuilder.epsilon)])
        }
        moments[value] = .normalised(scale: layer.scale)
        return value
    }

    mutating func relu(_ input: ValueID, _ scope: String) throws -> ValueID {
        let value = try add("Relu", [input], scope)
        moments[value] = moments[input]?.rectified
        return value
    }

    /// The sum of a body's result and its shortcut.
    mutating func sum(_ body: ValueID, _ shortcut: ValueID, _ scope: String) throws -> ValueID {
        let value = try add("Add", [body, shortcut], scope)
        if let a = moments[body], let b = moments[shortcut] { moments[value] = a + b }
        return value
    }

    /// The maximum over windows of side `kernel` (2 or 3) and stride 2.
    mutating func maxPool(_ input: ValueID, kernel: Int64, _ scope: String) throws -> ValueID {
        var attributes: Attributes = ["kernel_shape": .ints([kernel, kernel]), "strides": .ints([2, 2])]
        if kernel == 3 { attributes["pads"] = .ints([1, 1, 1, 1]) }
        let value = try add("MaxPool", [input], scope, attributes)
        moments[value] = moments[input]?.pooled(kernel == 3 ? .ofNine : .ofFour)
        return value
    }

    /// The scale of the last normalisation of a residual branch. With 1 / sqrt(blocks) the stream's variance
    /// does not depend on the number of blocks in the stage.
    func branchScale(stage: Int) -> Double { 1 / Double(architecture.depths[stage]).squareRoot() }

    private static let epsilon: Float = 1e-5

    /// Adds a node named after its operator within `scope`.
    mutating func add(
        _ operatorType: String, _ inputs: [ValueID?], _ scope: String, _ attributes: Attributes = [:]
    ) throws -> ValueID {
        let name = "\(scope)/\(operatorType)"
        return try edit.add(
            operatorType, inputs, output: "\(name)_output_0", name: name, attributes: attributes)
    }

    mutating func normal(_ name: String, shape: [Int], fanIn: Int, gain: Double = 1) throws -> ValueID {
        var generator = SeededGenerator(seed: options.seed, stream: name)
        let values = generator.normal(
            count: shape.reduce(1, *), deviation: gain * (2.0 / Double(fanIn)).squareRoot())
        return try edit.addInitializer(name, try Tensor(shape: shape, values))
    }

    mutating func vector(_ name: String, _ count: Int, _ value: Float) throws -> ValueID {
        try edit.addInitializer(name, Tensor([Float](repeating: value, count: count)))
    }
}
