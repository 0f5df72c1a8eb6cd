/// What the ratios of a network's blocks are chosen for, where the blocks do not share one.
public struct Budget: Codable, Sendable, Equatable {
    /// What has a limit.
    public enum Kind: String, Codable, Sendable {
        /// Multiply-accumulates for one sample, at most: `3.0G`.
        case macs
        /// The speed in terms of the source's, at least: `1.25`. Two measurements of it differ, so that what a
        /// search for a speed finds is recorded as a budget of multiply-accumulates.
        case speedup
        /// The share of predictions that differ from the source's, at most: `0.5%`.
        case drop
    }

    /// What has the limit.
    public var kind: Kind
    /// As the user writes it.
    public var limit: String

    /// A budget as the user writes it.
    public init(_ kind: Kind, _ limit: String) {
        self.kind = kind
        self.limit = limit
    }

    /// As file names have it.
    public var text: String {
        switch kind {
        case .macs: limit
        case .speedup: "\(limit)x"
        case .drop: "\(limit)-drop"
        }
    }
}
