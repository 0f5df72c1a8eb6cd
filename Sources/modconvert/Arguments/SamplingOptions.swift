import ArgumentParser
import Verification

/// The seeded inputs of a verification.
struct SamplingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Seeded inputs that the verification runs.", visibility: .hidden))
    var samples = VerificationOptions().samples

    func validate() throws {
        guard (1...10_000).contains(samples) else {
            throw ValidationError("--samples takes a number from 1 to 10000")
        }
    }
}
