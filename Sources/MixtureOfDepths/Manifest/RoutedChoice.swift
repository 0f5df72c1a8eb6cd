/// A choice that a network makes for each input: the values that hold its scores and its outcome.
public struct RoutedChoice: Sendable, Equatable {
    /// The scope of the block that chooses.
    public let scope: String
    /// The kind of things that are chosen.
    public let kind: ChoiceSize.Kind
    /// The name of the scores, [N, units, 1, 1] or [N, units].
    public let scores: String
    /// The name of the indices; the first `count` of each sample are the chosen ones. For pairs: bool,
    /// whether the second channel is taken.
    public let indices: String
    /// k, the number chosen; of pairs, their number.
    public let count: Int
    /// The channels that a paired choice is between; nil for all others.
    public let pairs: ChannelPairs?

    /// A choice of the `count` highest scores, or of the higher one of each pair.
    public init(
        scope: String, kind: ChoiceSize.Kind, scores: String, indices: String, count: Int,
        pairs: ChannelPairs? = nil
    ) {
        self.scope = scope
        self.kind = kind
        self.scores = scores
        self.indices = indices
        self.count = count
        self.pairs = pairs
    }
}
