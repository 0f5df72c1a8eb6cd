import ArgumentParser
import MixtureOfDepths
import ModelZoo
import Operators
import Passes
import Verification

extension Router: ExpressibleByArgument {}
extension BatchNormalizationPolicy: ExpressibleByArgument {}
extension BuildOptions.BatchNormalization: ExpressibleByArgument {}
extension MACCount.Convention: ExpressibleByArgument {}
extension InputFill: ExpressibleByArgument {}

extension BlockSelection: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }

    public var defaultValueDescription: String { text }
}

/// The multiples to which k can be rounded.
enum RoundingUnit: Int, ExpressibleByArgument, CaseIterable {
    case eight = 8
    case sixteen = 16
}

/// Extents such as `1x3x224x224`.
struct Extents: ExpressibleByArgument {
    let values: [String]

    init(values: [String]) { self.values = values }

    init?(argument: String) {
        values = argument.split(separator: "x", omittingEmptySubsequences: false).map(String.init)
        guard values.allSatisfy({ !$0.isEmpty }) else { return nil }
    }

    var defaultValueDescription: String { values.joined(separator: "x") }
}

/// Whole numbers such as `3,4,6,3`.
struct NumberList: ExpressibleByArgument {
    let values: [Int]

    init?(argument: String) {
        let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
        values = parts.compactMap { Int($0) }
        guard values.count == parts.count else { return nil }
    }
}
