import Verification

/// The checks that were made on a converted model, and what they found.
public struct VerificationReport: Encodable, Sendable {
    /// One check with its outcome.
    public struct Check: Encodable, Sendable {
        let number: Int
        let title: String
        let outcome: String
        let summary: String
        let details: [String]
        let figures: [String: Double]
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
                number: check.number, title: check.title, outcome: check.outcome.rawValue,
                summary: check.summary, details: check.details,
                figures: Dictionary(
                    check.figures.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first }))
        }
    }

    /// A line for each check.
    public var text: String { text(detailed: false) }

    /// A line for each check and, if asked for, those of its details; then the node that the checks stopped at, if
    /// they did.
    public func text(detailed: Bool, _ style: TextStyle = .plain) -> String {
        var table = TextTable([("check", .right), ("outcome", .left), ("found", .left)])
        for check in checks {
            table.add(
                ["\(check.number)", check.outcome, "\(check.title): \(check.summary)"],
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
        case VerificationCheck.Outcome.passed.rawValue: .good
        case VerificationCheck.Outcome.failed.rawValue: .bad
        default: .weak
        }
    }
}
