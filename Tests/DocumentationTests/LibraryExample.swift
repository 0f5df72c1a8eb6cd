// example
import ModConvert

func convert(_ model: String, images: String, to output: String) throws -> Verification {
    // Compute on half of the channels of every other block, fitted to what the source computes on images.
    let half = ModRatio(reduction: 2).map { CalibratedRecipe.Goal.share($0, BlockReduction()) } ?? .dropped
    let recipe = CalibratedRecipe(half, images: CalibrationData(source: images))
    let request = ConversionRequest(.calibrated(recipe, on: .alternate))
    // Each stage is a value; nothing is written before the last one.
    let source = try ConversionSource(path: model)
    let network = try CanonicalNetwork(source, request)
    let converted = try network.planned().fitted().converted()
    // Throws FailedVerification if a check fails.
    let verified = try converted.verified()
    try verified.write(to: output)
    return verified.verification
}
// end of example
