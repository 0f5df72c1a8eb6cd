/// The limit that the ratios of a network's blocks are chosen for, where the blocks do not share one ratio.
public struct Budget: Sendable, Equatable {
    /// The quantity that is limited.
    public enum Kind: String, Codable, Sendable {
        /// Multiply-accumulates for one sample, at most: `3.0G`, or `50%` of the source's.
        case macs
        /// The least speed relative to the source's: `1.25`. Two measurements differ, so a plan found for a
        ///  speed records a budget of multiply-accumulates instead.
        case speedup
        /// The share of predictions that differ from the source's, at most: `0.5%`.
        case drop
    }

    /// The quantity that is limited.
    public let kind: Kind
    /// The limit as the user writes it.
    public let limit: String
    /// The limit as a number: multiply-accumulates, a factor, or a share from 0 to 1, also of the source's
    /// multiply-accumulates.
    public let value: Double

    /// A budget as the user writes it: `3.0G`, `850M` or `4000000` multiply-accumulates, `50%` or `0.5` of the source's,
    /// `1.25` times the speed, `0.5%` or `0.005` of the predictions.
    ///
    /// - Returns: nil for text that is not such a limit.
    public init?(_ kind: Kind, _ limit: String) {
        guard let value = Budget.value(kind, limit) else { return nil }
        self.init(kind, limit, value)
    }

    private init(_ kind: Kind, _ limit: String, _ value: Double) {
        self.kind = kind
        self.limit = limit
        self.value = value
    }

    /// The most multiply-accumulates for one sample; nil for another kind of budget.
    ///
    /// - Parameter source: those of the source.
    public func macs(ofSource source: Int) -> Int? {
        guard kind == .macs else { return nil }
        return Int(value < 1 ? value * Double(source) : value)
    }

    /// A budget of at most `count` multiply-accumulates for one sample.
    public static func macs(_ count: Int) -> Budget { Budget(.macs, "\(count)", Double(count)) }

    private static func value(_ kind: Kind, _ limit: String) -> Double? {
        switch kind {
        case .macs:
            let units: [Character: Double] = ["k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12]
            let unit = limit.last.flatMap { units[$0] }
            if unit == nil, let share = share(limit) { return share }
            guard let number = Double(unit == nil ? limit : String(limit.dropLast())) else { return nil }
            let value = number * (unit ?? 1)
            return value >= 1 && value < 1e18 ? value : nil
        case .speedup:
            guard let value = Double(limit), value > 1, value < 100 else { return nil }
            return value
        case .drop: return share(limit)
        }
    }

    /// A share between 0 and 1: `50%` or `0.5`.
    private static func share(_ text: String) -> Double? {
        let isPercent = text.hasSuffix("%")
        guard let number = Double(isPercent ? String(text.dropLast()) : text) else { return nil }
        let value = isPercent ? number / 100 : number
        return value > 0 && value < 1 ? value : nil
    }

    /// The budget as file names show it.
    public var text: String {
        switch kind {
        case .macs: value < 1 ? "\(limit)-macs" : limit
        case .speedup: "\(limit)x"
        case .drop: "\(limit)-drop"
        }
    }
}

extension Budget: Codable {
    private enum CodingKeys: CodingKey { case kind, limit }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let kind = try container.decode(Kind.self, forKey: .kind)
        let limit = try container.decode(String.self, forKey: .limit)
        guard let budget = Budget(kind, limit) else {
            throw DecodingError.dataCorruptedError(
                forKey: .limit, in: container, debugDescription: "\(limit) is no limit")
        }
        self = budget
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(kind, forKey: .kind)
        try container.encode(limit, forKey: .limit)
    }
}
