import Foundation
import GraphIR
import MixtureOfDepths
import ONNXFormat
import Operators
import Passes
import Testing
import Verification

/// Converted models of the tests.
enum Converted {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../fixtures/models").standardized

    /// All fixtures but one of full size, whose plain evaluation takes minutes without optimisation; it is
    /// converted and verified through the command line.
    static let names =
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
        .filter { FileManager.default.fileExists(atPath: folder.appending(path: "\($0)/ledger.json").path) }
        .filter { $0 != "light_resnet50" }
        .sorted()

    /// The source, and its conversion; nil if the fixture has no block to convert or is refused.
    static func model(
        _ name: String, ratio: String = "0.5", router: Router = .topk, emission: Emission = .literal,
        route: CalibratedForm.Route = .channels
    ) throws -> (source: Model, conversion: Converter.Conversion)? {
        let path = folder.appending(path: "\(name)/model.onnx").path
        guard let source = try? ONNXFile.read(path: path) else { return nil }
        var model = source
        model.graph = try Pipeline.canonical().run(source.graph, validating: true)
        var options = ConversionOptions(
            ratio: try #require(ModRatio(ratio)), router: router, seed: 7, emission: emission)
        options.route = route
        let plan = try Planner.plan(model.graph, options)
        guard !plan.conversions.isEmpty else { return nil }
        return (source, try Converter.apply(plan, to: model, source: .init(sha256: nil)))
    }
}

@Suite struct FixtureVerificationTests {
    @Test("A conversion of a real file passes every check", arguments: Converted.names, Router.allCases)
    func passes(_ name: String, _ router: Router) throws {
        guard let (source, conversion) = try Converted.model(name, router: router) else { return }
        // Symbolic heights and widths need an input of one's own.
        let inputs = try Self.inputs(name, source)
        let verification = try Verifier.verify(
            source: source, converted: conversion.model, options: VerificationOptions(inputs: inputs))
        #expect(verification.checks.count == 6)
        for check in verification.checks {
            #expect(check.outcome != .failed, "\(check.number) \(check.title): \(check.summary)")
        }
        #expect(verification.checks[3].outcome == .passed)
    }

    static func inputs(_ name: String, _ source: Model) throws -> [[String: Tensor]]? {
        let values = source.graph.inputs.map { source.graph[$0] }.filter { $0.initializer == nil }
        guard values.contains(where: { $0.shape?.dims.dropFirst().contains { $0.value == nil } ?? true })
        else { return nil }
        let folder = Converted.folder.appending(path: "\(name)/test_data_set_0")
        let tensor = try TensorProtoFile.read(path: folder.appending(path: "input_0.pb").path).tensor
        return [[values[0].name: tensor]]
    }
}
