import GraphIR
import Operators

/// A network that was built.
public struct BuildReport: JSONDocument, Sendable {
    public static let schema = "build/1"

    let name: String
    let file: String
    let depths: [Int]
    let convention: String
    let totalMacs: Int
    let totalParams: Int

    /// The report of a network that was built into `file`.
    public init(name: String, file: String, depths: [Int], model: Model, count: MACCount) {
        self.name = name
        self.file = file
        self.depths = depths
        convention = MACCount.Convention.strict.text
        totalMacs = count.total(.strict)
        totalParams = count.totalParameters
    }

    /// The text that the command prints.
    public var text: String {
        var facts = FactList()
        facts.add("network", "\(name), \(depths.map(String.init).joined(separator: "+")) blocks")
        facts.add("MACs", "\(Quantity.count(totalMacs)) (\(convention))")
        facts.add("params", Quantity.count(totalParams))
        facts.add("written", file)
        return facts.text
    }
}
