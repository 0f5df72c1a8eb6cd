import GraphIR

extension NetworkBuilder {
    /// torchvision's MobileNetV2 up to the last 1x1 convolution. The numbers of channels are those of the
    /// paper's tables, times the stem's width over 32.
    mutating func mobileNetFeatures(_ input: ValueID) throws -> (ValueID, channels: Int) {
        let stem = options.width ?? architecture.width
        func scaled(_ channels: Int) -> Int { max(1, channels * stem / architecture.width) }
        var value = try activated(
            input, Layer(name: "features.0.0", norm: "features.0.1", filters: stem, kernel: 3, stride: 2),
            channels: options.input[0])
        var (channels, position) = (stem, 1)
        for (row, (stage, depth)) in zip(architecture.invertedResiduals, architecture.depths).enumerated() {
            for index in 0..<depth {
                value = try invertedResidual(
                    value, "features.\(position)", expansion: stage.expansion,
                    stride: index == 0 ? stage.stride : 1, channels: channels,
                    outputs: scaled(stage.channels), branchScale: branchScale(stage: row))
                (channels, position) = (scaled(stage.channels), position + 1)
            }
        }
        let last = scaled(NetworkBuilder.lastChannels)
        let head = Layer(
            name: "features.\(position).0", norm: "features.\(position).1", filters: last, kernel: 1)
        return (try activated(value, head, channels: channels), last)
    }

    /// The channels before the classifier.
    private static let lastChannels = 1280

    /// 1x1 to t times the channels, depthwise 3x3, 1x1 without activation; a shortcut if the shape stays the
    /// same.
    private mutating func invertedResidual(
        _ input: ValueID, _ name: String, expansion: Int, stride: Int, channels: Int, outputs: Int,
        branchScale: Double
    ) throws -> ValueID {
        var value = input
        var part = 0
        func layer(_ filters: Int, kernel: Int, stride: Int = 1, groups: Int = 1) -> Layer {
            Layer(
                name: "\(name).conv.\(part).0", norm: "\(name).conv.\(part).1", filters: filters,
                kernel: kernel, stride: stride, groups: groups)
        }
        let hidden = channels * expansion
        if expansion != 1 {
            value = try activated(value, layer(hidden, kernel: 1), channels: channels)
            part += 1
        }
        value = try activated(
            value, layer(hidden, kernel: 3, stride: stride, groups: hidden), channels: hidden)
        part += 1
        let hasShortcut = stride == 1 && channels == outputs
        let projection = Layer(
            name: "\(name).conv.\(part)", norm: "\(name).conv.\(part + 1)", filters: outputs, kernel: 1,
            scale: hasShortcut ? branchScale : 1)
        value = try self.layer(value, projection, channels: hidden)
        return hasShortcut ? try sum(input, value, NetworkBuilder.scope(of: name)) : value
    }

    /// A layer followed by ReLU6.
    private mutating func activated(_ input: ValueID, _ layer: Layer, channels: Int) throws -> ValueID {
        let value = try self.layer(input, layer, channels: channels)
        let scope = NetworkBuilder.scope(of: layer.norm.dropLastPart + ".2")
        let bounds = [
            try edit.addInitializer("\(scope)/min", Tensor(scalar: Float(0))),
            try edit.addInitializer("\(scope)/max", Tensor(scalar: Float(6))),
        ]
        let output = try add("Clip", [value] + bounds, scope)
        moments[output] = moments[value]?.rectified
        return output
    }
}

extension String {
    /// `features.0` of `features.0.1`.
    fileprivate var dropLastPart: String { split(separator: ".").dropLast().joined(separator: ".") }
}
