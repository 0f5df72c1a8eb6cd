import GraphIR

extension NetworkBuilder {
    /// torchvision's ResNet v1.5 (stride on the 3x3 convolution) up to the last block.
    mutating func resNetFeatures(_ input: ValueID) throws -> (ValueID, channels: Int) {
        let stem = options.width ?? architecture.width
        var value = try layer(
            input, Layer(name: "conv1", norm: "bn1", filters: stem, kernel: 7, stride: 2),
            channels: options.input[0])
        value = try maxPool(try relu(value, "/relu"), kernel: 3, "/maxpool")
        var channels = stem
        for (stage, depth) in architecture.depths.enumerated() {
            for index in 0..<depth {
                value = try residualBlock(
                    value, "layer\(stage + 1).\(index)", width: stem << stage, channels: &channels,
                    stride: stage > 0 && index == 0 ? 2 : 1, branchScale: branchScale(stage: stage))
            }
        }
        return (value, channels)
    }

    /// One residual block; `channels` is the input's on entry and the output's on return.
    private mutating func residualBlock(
        _ input: ValueID, _ name: String, width: Int, channels: inout Int, stride: Int,
        branchScale: Double
    ) throws -> ValueID {
        let scope = NetworkBuilder.scope(of: name)
        func layer(_ number: Int, _ filters: Int, _ kernel: Int, stride: Int = 1) -> Layer {
            Layer(
                name: "\(name).conv\(number)", norm: "\(name).bn\(number)", filters: filters, kernel: kernel,
                stride: stride)
        }
        var layers =
            architecture.body == .basic
            ? [layer(1, width, 3, stride: stride), layer(2, width, 3)]
            : [layer(1, width, 1), layer(2, width, 3, stride: stride), layer(3, 4 * width, 1)]
        layers[layers.count - 1].scale = branchScale
        let output = layers[layers.count - 1].filters
        var value = input
        var inner = channels
        for (index, entry) in layers.enumerated() {
            if index > 0 { value = try relu(value, "\(scope)/relu\(index)") }
            value = try self.layer(value, entry, channels: inner)
            inner = entry.filters
        }
        var shortcut = input
        if stride != 1 || channels != output {
            let projection = Layer(
                name: "\(name).downsample.0", norm: "\(name).downsample.1", filters: output, kernel: 1,
                stride: stride)
            shortcut = try self.layer(input, projection, channels: channels)
        }
        channels = output
        return try relu(try sum(value, shortcut, scope), "\(scope)/relu")
    }
}
