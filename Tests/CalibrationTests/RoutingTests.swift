import GraphIR
import MixtureOfDepths
import Testing

@testable import Calibration

@Suite struct RoutingTests {
    private static let choice = RoutedChoice(
        scope: "layer1.1", kind: .units(layer: 1), scores: "s", indices: "i", count: 2)

    private func values(_ scores: [Float], _ indices: [Int64]) throws -> [String: Tensor] {
        let batch = indices.count / 2
        return [
            "s": try Tensor(shape: [batch, scores.count / batch, 1, 1], scores),
            "i": try Tensor(shape: [batch, 2, 1, 1], indices),
        ]
    }

    @Test("Choices are counted over all inputs and by class, with their margins")
    func counting() throws {
        var statistics = try RoutingStatistics([Self.choice])
        #expect(statistics.taps == ["s", "i"])
        try statistics.add(values([4, 3, 1, 0, 0, 5, 2, 1], [0, 1, 1, 2]), labels: [7, 9])
        try statistics.add(values([9, 8, 7.5, 0], [0, 1]), labels: [7])
        let route = try #require(statistics.routes.first)
        #expect(route.samples == 3 && route.counts == [2, 3, 1, 0])
        #expect(route.frequencies(ofClass: 7) == [1, 1, 0, 0])
        #expect(route.frequencies(ofClass: 9) == [0, 1, 1, 0])
        #expect(route.frequencies(ofClass: 8).isEmpty)
        #expect(route.margins == [2, 1, 0.5])
        // Of all nine pairs of inputs, four share one of two units, five both.
        let shared = (5 + 4 * 0.5) / 9
        #expect(abs(route.difference - (1 - shared)) < 1e-12)
        #expect(route.differenceAtRandom == 0.5)
    }

    @Test("A choice that is none is refused")
    func refusal() throws {
        #expect(throws: CalibrationError.noRouting) { try RoutingStatistics([]) }
        var statistics = try RoutingStatistics([Self.choice])
        let refusal = CalibrationError.notAChoice(block: "layer1.1")
        #expect(throws: refusal) { try statistics.add(["s": Tensor([1 as Float])], labels: nil) }
        #expect(throws: refusal) { try statistics.add(values([1, 2, 3], [0, 3]), labels: nil) }
        #expect(throws: refusal) { try statistics.add(values([1, 2, 3], [-1, 0]), labels: nil) }
        try statistics.add(values([1, 2, 3], [1, 2]), labels: nil)
        #expect(throws: refusal) { try statistics.add(values([1, 2, 3, 4], [2, 3]), labels: nil) }
    }

    @Test("A routed network chooses as many as its blocks say; fixed ones have no choice")
    func network() throws {
        let (_, model) = try Networks.canonical("torchvision-resnet18")
        let routed = try Networks.calibrated(model, Networks.half(.hidden, .topk)).conversion.model
        let choices = try #require(Manifest(routed)).blocks.flatMap(\.choices)
        var statistics = try RoutingStatistics(choices)
        let format = try ImageFormat(routed.graph)
        let images = SyntheticImages(count: 5, format: format, scale: .imageNet(channels: 3), seed: 1)
        try statistics.count(routed.graph, images: images, labels: nil, threads: 1)
        #expect(!statistics.routes.isEmpty)
        for route in statistics.routes {
            #expect(route.samples == 5)
            #expect(route.counts.reduce(0, +) == 5 * route.chosen)
            #expect(route.margins.count == 5 && route.margins.allSatisfy { $0 >= 0 })
            #expect(route.classes.values.reduce(0) { $0 + $1.samples } == 5)
        }
        let fixed = try Networks.calibrated(model, Networks.half(.hidden, .fixed)).conversion.model
        #expect(try #require(Manifest(fixed)).blocks.allSatisfy { $0.choices.isEmpty })
    }
}
