import Conversion
import MixtureOfDepths
import TestSupport
import Testing

/// A trained network is known as one, whatever its weights look like.
@Suite struct DefaultRecipeTests {
    @Test(
        "A file without the mark of a network that was built is taken as trained",
        arguments: ["fashion-basic", "fashion-bottleneck", "torchvision-untrained", "torchvision-opset17"])
    func isTakenAsTrained(_ name: String) throws {
        var model = try Fixtures.model(name)
        #expect(!ConversionSource(model).isUntrained)
        model.metadata = []
        (model.producerName, model.producerVersion) = ("modconvert", "0.1.0")
        #expect(!ConversionSource(model).isUntrained)
    }
}
