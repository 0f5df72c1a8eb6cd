import Foundation
import GraphIR
import MixtureOfDepths
import Runtime
import Testing

@testable import Calibration

@Suite struct ActivationStoreTests {
    @Test(
        "Activations that memory may not hold lie in files, and the result is the same",
        arguments: [false, true])
    func files(_ isTuned: Bool) throws {
        let recipe = try Networks.half(.channels(.all), .pairs, weights: isTuned ? .tune : .refit)
        let (_, model) = try Networks.canonical("torchvision-resnet18")
        let (held, inMemory) = try Networks.calibrated(model, recipe, samples: 96)
        var limits = RunLimits()
        limits.memory = held.activations.bytes - 1
        let (kept, inFiles) = try Networks.calibrated(model, recipe, samples: 96, limits: limits)
        #expect(!held.activations.areInFiles && kept.activations.areInFiles)
        #expect(kept.activations.bytes == held.activations.bytes && kept.activations.images == 96)
        #expect(kept.comparison.divergence == held.comparison.divergence)
        let constants = [inMemory, inFiles].map { $0.model.graph.values.map { $0.constant?.bytes } }
        #expect(constants[0] == constants[1])
    }

    @Test("Files have no name, and hold the tensor")
    func keepsTensors() throws {
        let folder = NSTemporaryDirectory() + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let store = ActivationStore.files(folder: folder)
        let tensor = try Tensor(shape: [2, 3], [1, 2, 3, 4, 5, 6] as [Float])
        let kept = try store.keeping(tensor)
        #expect(kept.bytes == tensor.bytes && kept.shape == [2, 3] && !kept.bytes.isAllocated)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
        let empty = try store.keeping(Tensor(shape: [0, 3], [] as [Float]))
        #expect(empty.bytes.count == 0)
    }

    @Test("A folder that cannot be written is named")
    func noFolder() throws {
        let tensor = try Tensor(shape: [1], [1] as [Float])
        let error = #expect(throws: FileError.self) {
            try ActivationStore.files(folder: "/nonexistent").keeping(tensor)
        }
        #expect(error?.path == "/nonexistent" && error?.kind == .cannotCreate)
    }
}
