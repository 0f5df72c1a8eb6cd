import MixtureOfDepths

/// The trained values that were put into a graph.
public struct WeightImportReport: JSONDocument, Sendable {
    public static let schema = "weight-import/1"

    let model: String
    let trained: String
    let trainedSha256: String
    let output: String
    let tensors: Int
    let values: Int
    let neutralizedNormalizations: Int

    public init(
        model: String, trained: String, trainedSHA256: String, output: String, _ result: WeightImport.Result
    ) {
        self.model = model
        self.trained = trained
        trainedSha256 = trainedSHA256
        self.output = output
        tensors = result.tensors
        values = result.elements
        neutralizedNormalizations = result.neutralized
    }

    public var text: String {
        var facts = FactList()
        facts.add("trained", "\(trained): \(tensors) tensors, \(Quantity.count(values)) values")
        if neutralizedNormalizations > 0 {
            facts.add(
                "note",
                "\(neutralizedNormalizations) BatchNormalizations are folded there: here they only add a bias"
            )
        }
        facts.add("written", output)
        return facts.text
    }
}
