import GraphIR
import MixtureOfDepths
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

    @Test(
        "Generated images show a million pixels together, and are 64 to 256",
        arguments: [
            (28, 28, 256), (64, 64, 256), (96, 96, 113), (128, 64, 128), (224, 224, 64), (640, 640, 64),
        ])
    func usualSamples(_ height: Int, _ width: Int, _ expected: Int) throws {
        var edit = GraphEdit(Graph(name: "images", opsets: OpsetImports(onnx: 17)))
        let shape = Shape([.symbol("N"), .fixed(3), .fixed(height), .fixed(width)])
        _ = try edit.addInput("image", type: .tensor(TensorType(.float32, shape)))
        let graph = try edit.commit()
        #expect(CalibrationData(source: CalibrationData.synthetic).usualSamples(for: graph) == expected)
        #expect(CalibrationData(source: "images").usualSamples(for: graph) == 256)
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
