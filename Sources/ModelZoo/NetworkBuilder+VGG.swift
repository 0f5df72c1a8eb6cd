import GraphIR

extension NetworkBuilder {
    /// torchvision's VGG-BN up to the last pooling: stage s has min(2^s, 8) times the first stage's channels.
    mutating func vggFeatures(_ input: ValueID) throws -> (ValueID, channels: Int) {
        let first = options.width ?? architecture.width
        var (value, channels, position) = (input, options.input[0], 0)
        for (stage, depth) in architecture.depths.enumerated() {
            let filters = first << min(stage, NetworkBuilder.doublings)
            for _ in 0..<depth {
                let layer = Layer(
                    name: "features.\(position)", norm: "features.\(position + 1)", filters: filters,
                    kernel: 3, hasBias: true)
                value = try self.layer(value, layer, channels: channels)
                value = try relu(value, NetworkBuilder.scope(of: "features.\(position + 2)"))
                (channels, position) = (filters, position + 3)
            }
            value = try maxPool(value, kernel: 2, NetworkBuilder.scope(of: "features.\(position)"))
            position += 1
        }
        return (value, channels)
    }

    /// The number of stages after which the channels double.
    private static let doublings = 3
}
