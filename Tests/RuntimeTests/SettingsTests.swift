import GraphIR
import Testing

@testable import Runtime

@Suite struct SettingsTests {
    @Test func thePortableSetIsAlwaysThere() throws {
        #expect(InstructionSet.supported.first == .portable)
        #expect(InstructionSet.supported.contains(try .preferred()))
    }

    @Test func errorsNameTheVariable() {
        let names = InstructionSet.supported.map(\.rawValue).joined(separator: ", ")
        #expect(
            RuntimeError.unknownInstructionSet("sse").description
                == "MODCONVERT_ISA: \"sse\" is no instruction set; set it to \(names)")
        #expect(
            RuntimeError.unsupportedInstructionSet(.avx512).description
                == "MODCONVERT_ISA: this processor has no avx512; set it to \(names)")
    }

    @Test func profilesCoverEveryNodeOnce() throws {
        let session = try Session(try SessionTests.network(batch: 2), options: SessionOptions(threads: 2))
        var numbers = SeededNumbers(seed: 1)
        let profile = try session.profile(["x": numbers.tensor([2, 3, 9, 9])], runs: 3)
        #expect(profile.seconds.count == 3)
        #expect(profile.steps.allSatisfy { $0.seconds.count == 3 && $0.seconds.allSatisfy { $0 >= 0 } })
        #expect(profile.steps.flatMap(\.nodes).count == 3)
        #expect(profile.steps.map(\.kernel).prefix(2) == ["direct from NCHW", "direct"])
        // Conv 3 -> 8 with 3x3 taps, then 8 -> 5 with one, over 9x9 pixels of two samples.
        let pixels = 2 * 9 * 9
        let expected: [Int] = [pixels * 8 * 27, pixels * 5 * 8]
        #expect(profile.steps.map(\.macs).prefix(2) == expected[...])
        #expect(profile.steps.allSatisfy { $0.bytes > 0 })
        #expect(profile.peakActivationBytes == session.peakActivationBytes)
    }
}
