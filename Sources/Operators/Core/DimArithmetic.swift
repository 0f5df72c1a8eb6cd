import GraphIR

/// Arithmetic on extents that may be symbols. A result that is not one number or symbol is unknown.
extension Dim {
    /// The product: 1 is neutral, 0 absorbs, a single symbol survives.
    static func product(_ dims: some Sequence<Dim>) -> Dim {
        dims.reduce(.fixed(1)) { $0.times($1) }
    }

    /// The sum: 0 is neutral, a single symbol survives.
    static func sum(_ dims: some Sequence<Dim>) -> Dim {
        dims.reduce(.fixed(0)) { $0.plus($1) }
    }

    func plus(_ other: Dim) -> Dim {
        switch (self, other) {
        case (.fixed(let a), .fixed(let b)):
            let (sum, overflow) = a.addingReportingOverflow(b)
            return overflow ? .unknown : .fixed(sum)
        case (.fixed(0), _): return other
        case (_, .fixed(0)): return self
        default: return .unknown
        }
    }

    func minus(_ other: Dim) -> Dim {
        switch (self, other) {
        case (.fixed(let a), .fixed(let b)):
            let (difference, overflow) = a.subtractingReportingOverflow(b)
            return overflow ? .unknown : .fixed(difference)
        case (_, .fixed(0)): return self
        default: return isKnownEqual(to: other) ? .fixed(0) : .unknown
        }
    }

    func times(_ other: Dim) -> Dim {
        switch (self, other) {
        case (.fixed(let a), .fixed(let b)):
            let (product, overflow) = a.multipliedReportingOverflow(by: b)
            return overflow ? .unknown : .fixed(product)
        case (.fixed(0), _), (_, .fixed(0)): return .fixed(0)
        case (.fixed(1), _): return other
        case (_, .fixed(1)): return self
        default: return .unknown
        }
    }

    /// The quotient, truncated towards zero.
    func divided(by other: Dim) -> Dim {
        switch (self, other) {
        case (.fixed(let a), .fixed(let b)):
            let (quotient, overflow) = a.dividedReportingOverflow(by: b)
            return overflow ? .unknown : .fixed(quotient)
        case (_, .fixed(1)): return self
        default: return .unknown
        }
    }

    /// The two descriptions of one extent combined: a number beats a symbol, a symbol beats unknown.
    ///
    /// - Returns: nil if they are two different numbers.
    func merged(with other: Dim) -> Dim? {
        switch (self, other) {
        case (.fixed(let a), .fixed(let b)): a == b ? self : nil
        case (.fixed, _): self
        case (_, .fixed): other
        case (.symbol, _): self
        default: other
        }
    }

    /// The extent of an axis over which two extents are broadcast; nil if they contradict each other.
    func broadcast(with other: Dim) -> Dim? {
        switch (self, other) {
        case (.fixed(1), _): other
        case (_, .fixed(1)): self
        case (.fixed(let a), .fixed(let b)): a == b ? self : nil
        // The other extent must turn out to be 1 or the same, whatever it is.
        case (.fixed, _): self
        case (_, .fixed): other
        default: self == other ? self : .unknown
        }
    }
}
