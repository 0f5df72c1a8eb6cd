/// A choice that a network makes for each input: the values that hold its scores and its outcome.
public struct RoutedChoice: Sendable, Equatable {
    /// What is chosen from.
    public enum Kind: Sendable, Equatable {
        /// The channels of the block's input.
        case channels
        /// The units of a hidden layer of the block, counted from 1.
        case units(layer: Int)
    }

    /// Of the block.
    public let scope: String
    public let kind: Kind
    /// The name of the scores, [N, units, 1, 1] or [N, units].
    public let scores: String
    /// The name of the indices, for each sample those of the chosen in the first `count` places.
    public let indices: String
    /// How many are chosen: k.
    public let count: Int

    public init(scope: String, kind: Kind, scores: String, indices: String, count: Int) {
        self.scope = scope
        self.kind = kind
        self.scores = scores
        self.indices = indices
        self.count = count
    }
}

extension Manifest.Block {
    /// What the block chooses by its input; none if its choice is fixed.
    public var choices: [RoutedChoice] {
        if let scores, let indices {
            return [
                RoutedChoice(
                    scope: scope, kind: .channels, scores: scores, indices: indices, count: processed)
            ]
        }
        let routes = routes ?? []
        guard blockKind == .routedHidden || blockKind == .gatedHidden else {
            return routes.map {
                RoutedChoice(
                    scope: scope, kind: .channels, scores: $0.scores, indices: $0.indices, count: processed)
            }
        }
        return zip(routes, hidden).enumerated().map { layer, pair in
            RoutedChoice(
                scope: scope, kind: .units(layer: layer + 1), scores: pair.0.scores,
                indices: pair.0.indices, count: pair.1)
        }
    }
}
