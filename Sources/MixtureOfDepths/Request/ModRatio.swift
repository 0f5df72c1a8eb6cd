import GraphIR

/// The share of a block's channels that a MoD block processes: `--mod-ratio R`, or `--mod-reduction C`.
public struct ModRatio: Sendable, Equatable, CustomStringConvertible {
    /// R = numerator / denominator, in lowest terms.
    public let numerator: Int
    /// At least the numerator, at most 2^30.
    public let denominator: Int

    /// - Returns: nil unless 0 < R <= 1.
    public init?(numerator: Int, denominator: Int) {
        guard numerator > 0, numerator <= denominator, denominator <= 1 << 30 else { return nil }
        let divisor = ModRatio.greatestCommonDivisor(numerator, denominator)
        self.numerator = numerator / divisor
        self.denominator = denominator / divisor
    }

    private static func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
        b == 0 ? a : greatestCommonDivisor(b, a % b)
    }

    /// A ratio as a user writes it: `0.5` or `1/64`.
    ///
    /// A decimal is read exactly: `0.1` is 1/10, not the nearest binary fraction.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        if parts.count == 2, let numerator = Int(parts[0]), let denominator = Int(parts[1]) {
            self.init(numerator: numerator, denominator: denominator)
            return
        }
        let digits = text.split(separator: ".", omittingEmptySubsequences: false)
        guard digits.count <= 2, let whole = digits.first, whole.allSatisfy({ $0.isASCII && $0.isNumber }),
            let value = Int(whole.isEmpty ? "0" : whole), (0...1).contains(value)
        else { return nil }
        let fraction = digits.count == 2 ? digits[1] : ""
        guard fraction.count <= 9, fraction.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
        var denominator = 1
        for _ in fraction { denominator *= 10 }
        guard let part = Int(fraction.isEmpty ? "0" : String(fraction)) else { return nil }
        self.init(numerator: value * denominator + part, denominator: denominator)
    }

    /// R = 1/c, the paper's reduction.
    public init?(reduction: Int) { self.init(numerator: 1, denominator: reduction) }

    /// The ratio as the nearest number.
    public var value: Double { Double(numerator) / Double(denominator) }

    /// Whether the ratio is 1: nothing is left out, and blocks stay as they are.
    public var isIdentity: Bool { numerator == denominator }

    /// k = max(1, floor(C * R)), computed in integers.
    public func channels(of count: Int) -> Int {
        let (high, low) = count.multipliedFullWidth(by: numerator)
        return max(1, denominator.dividingFullWidth((high, low)).quotient)
    }

    /// The shortest exact text, such as `0.5`, `0.125` or `1/64`; it reads back as the same ratio.
    public var description: String {
        var scale = 10
        for digits in 1...3 {
            if (numerator * scale) % denominator == 0 {
                let decimals = String(numerator * scale / denominator)
                if isIdentity { return "1" }
                return "0." + String(repeating: "0", count: digits - decimals.count) + decimals
            }
            scale *= 10
        }
        return "\(numerator)/\(denominator)"
    }
}
