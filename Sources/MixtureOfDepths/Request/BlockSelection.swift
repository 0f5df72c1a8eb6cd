/// The blocks to be converted.
public enum BlockSelection: Sendable, Equatable {
    /// Blocks 1, 3, 5, ... (0-based) of each stage: the paper's placement.
    case alternate
    /// Every block that can be converted.
    case all
    /// Blocks by scope (`layer3.1`, `/layer3/layer3.1`) or as `stage.block`, both from 0.
    case named([String])

    /// The selection as `--blocks` takes it and the manifest records it.
    public var text: String {
        switch self {
        case .alternate: "alternate"
        case .all: "all"
        case .named(let names): names.joined(separator: ",")
        }
    }

    /// A selection as a user writes it.
    ///
    /// - Returns: nil for a list with an empty name.
    public init?(_ text: String) {
        switch text {
        case "alternate": self = .alternate
        case "all": self = .all
        default:
            let names = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            guard names.allSatisfy({ !$0.isEmpty }) else { return nil }
            self = .named(names)
        }
    }
}
