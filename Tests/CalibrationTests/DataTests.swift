import GraphIR
import ModelZoo
import ONNXFormat
import TestSupport
import Testing

@testable import Calibration

@Suite struct DataTests {
    private static let format = try? ImageFormat(
        ONNXFile.read(path: Fixtures.path("torchvision-opset17")).graph)

    @Test("An image depends on its seed and number, not on its batch")
    func synthetic() throws {
        let format = try #require(Self.format)
        func images(_ seed: UInt64) -> SyntheticImages {
            SyntheticImages(count: 8, format: format, scale: .imageNet(channels: 3), seed: seed)
        }
        let all = try images(3).batch(Array(0..<8))
        #expect(all.shape == [8, 3, 32, 32])
        #expect(try images(3).batch([5]) == all.selecting([5], axis: 0))
        #expect(try images(4).batch([5]) != images(3).batch([5]))
        let values = try #require(all.floats)
        #expect(values.allSatisfy { $0 >= -2.2 && $0 <= 2.7 })
        // Every image shows something.
        for index in 0..<8 {
            let image = try #require(try images(3).batch([index]).floats)
            #expect(Set(image).count > 3)
        }
    }

    @Test(
        "Channels last is what TensorFlow's networks take",
        arguments: ["keras3-resnet50", "torchvision-opset17"])
    func layout(_ fixture: String) throws {
        let format = try ImageFormat(ONNXFile.read(path: Fixtures.path(fixture)).graph)
        #expect(format.isChannelsLast == (fixture == "keras3-resnet50"))
        #expect(format.channels == 3 && format.height == 32 && format.width == 32)
    }

    @Test("A fixed batch is filled; a quarter of the samples is held out")
    func division() {
        let free = SampleDivision(samples: 21, chunk: 4)
        #expect(free.fittedSamples == 16)
        #expect(free.chunks.map(\.count) == [4, 4, 4, 4, 4, 1])
        #expect(free.heldOut == 4..<6)
        let fixed = SampleDivision(samples: 42, chunk: 64, batch: 4)
        #expect(fixed.chunks.allSatisfy { $0.count == 4 })
        #expect(fixed.fittedSamples == 32 && fixed.chunks.count == 10)
        #expect(SampleDivision(samples: 6, chunk: 4).heldOut.isEmpty)
    }
}
