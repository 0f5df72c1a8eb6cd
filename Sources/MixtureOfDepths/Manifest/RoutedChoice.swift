/// A choice that a network makes for each input: the values that hold its scores and its outcome.
public struct RoutedChoice: Sendable, Equatable {
    /// The scope of the block that chooses.
    public let scope: String
    /// What is chosen from.
    public let kind: ChoiceSize.Kind
    /// The name of the scores, [N, units, 1, 1] or [N, units].
    public let scores: String
    /// The name of the indices: for each sample those of the chosen in the first `count` places.
    public let indices: String
    /// How many are chosen: k.
    public let count: Int

    /// A choice of `count` of what `scores` are given to.
    public init(scope: String, kind: ChoiceSize.Kind, scores: String, indices: String, count: Int) {
        self.scope = scope
        self.kind = kind
        self.scores = scores
        self.indices = indices
        self.count = count
    }
}
