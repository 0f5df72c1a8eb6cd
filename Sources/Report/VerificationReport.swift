import Verification

/// The checks of a converted model, and their results.
public struct VerificationReport: JSONDocument, Sendable {
    public static let schema = "verification/1"

    /// One check with its outcome.
    public struct Check: Encodable, Sendable {
        let kind: VerificationCheck.Kind
        let outcome: VerificationCheck.Outcome
        let summary: String
        let details: [String]
        let figures: [String: Double]

        var number: Int { kind.rawValue }
        var title: String { kind.title }

        private enum CodingKeys: CodingKey { case number, title, outcome, summary, details, figures }

        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(number, forKey: .number)
            try container.encode(title, forKey: .title)
            try container.encode(outcome.rawValue, forKey: .outcome)
            try container.encode(summary, forKey: .summary)
            try container.encode(details, forKey: .details)
            try container.encode(figures, forKey: .figures)
        }
    }

    let passed: Bool
    /// The first node that cannot be run, and why; nil if everything was run.
    let checkedUpTo: String?
    let checks: [Check]

    /// A report on all checks.
    public init(_ verification: Verification) {
        passed = verification.passed
        checkedUpTo = verification.boundary?.text
        checks = verification.checks.map { check in
            Check(
                kind: check.kind, outcome: check.outcome, summary: check.summary, details: check.details,
                figures: Dictionary(
                    check.figures.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first }))
        }
    }

    /// A line for each check.
    public var text: String { text(detailed: false) }

    /// A line for each check and, if requested, one for each of its details; then the node at which the
    /// checks stopped, if they did.
    public func text(detailed: Bool, _ style: TextStyle = .plain) -> String {
        var table = TextTable([("check", .right), ("outcome", .left), ("found", .left)])
        for check in checks {
            table.add(
                ["\(check.number)", check.outcome.rawValue, "\(check.title): \(check.summary)"],
                tones: [1: check.tone])
            guard detailed else { continue }
            for detail in check.details { table.add(["", "", "  " + detail]) }
        }
        return table.text(style)
            + (checkedUpTo.map { "checked up to \($0.escapingControlCharacters)\n" } ?? "")
    }
}

extension VerificationReport.Check {
    fileprivate var tone: TextStyle.Tone {
        switch outcome {
        case .passed: .good
        case .failed: .bad
        case .inPart, .measured, .notApplicable: .weak
        }
    }
}
