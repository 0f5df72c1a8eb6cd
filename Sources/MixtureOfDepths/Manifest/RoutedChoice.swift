/// A choice that a network makes for each input: the values that hold its scores and its outcome.
public struct RoutedChoice: Sendable, Equatable {
    /// The scope of the block that chooses.
    public let scope: String
    /// The kind of things that are chosen.
    public let kind: ChoiceSize.Kind
    /// The name of the scores, [N, units, 1, 1] or [N, units].
    public let scores: String
    /// The name of the indices; the first `count` of each sample are the chosen ones.
    public let indices: String
    /// k, the number chosen.
    public let count: Int

    /// A choice of the `count` highest scores.
    public init(scope: String, kind: ChoiceSize.Kind, scores: String, indices: String, count: Int) {
        self.scope = scope
        self.kind = kind
        self.scores = scores
        self.indices = indices
        self.count = count
    }
}
