import Foundation
import GraphIR
import MixtureOfDepths
import ONNXFormat
import Operators
import Passes
import Testing

@testable import Calibration

/// Networks of the fixtures, in the form in which they are calibrated.
enum Networks {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../fixtures").standardized

    static func path(_ name: String) -> String {
        name.hasPrefix("fashion")
            ? folder.appending(path: "trained/\(name).onnx").path
            : folder.appending(path: "models/\(name)/model.onnx").path
    }

    static func canonical(_ name: String) throws -> (source: Model, canonical: Model) {
        let source = try ONNXFile.read(path: path(name))
        var model = source
        model.graph = try Pipeline.canonical(batchNormalization: .folded).run(source.graph)
        return (source, model)
    }

    /// A network calibrated on generated images.
    static func calibrated(
        _ model: Model, _ form: CalibratedForm, ratio: String = "0.5", blocks: BlockSelection = .alternate,
        samples: Int = 16, threads: Int = 1
    ) throws -> (calibration: Calibration, conversion: Converter.Conversion) {
        let options = ConversionOptions(
            ratio: try #require(ModRatio(ratio)), blocks: blocks, form: form)
        let plan = try Planner.plan(model.graph, options)
        let format = try ImageFormat(model.graph)
        let calibration = try Calibrator.calibrate(
            plan, model.graph,
            images: SyntheticImages(
                count: samples, format: format, scale: .imageNet(channels: format.channels), seed: 0),
            options: CalibrationOptions(samples: samples, threads: threads, rows: 2000))
        let conversion = try Converter.apply(
            calibration.plan, to: model, source: .init(sha256: nil), weights: calibration.weights)
        return (calibration, conversion)
    }

    /// Every form that a conversion can take.
    static let forms: [(name: String, form: CalibratedForm)] = [
        ("routed hidden", CalibratedForm(choice: .topk)),
        ("fixed hidden", CalibratedForm(choice: .fixed)),
        ("auto", CalibratedForm()),
        ("routed hidden, weights kept", CalibratedForm(choice: .topk, weights: .keep)),
        ("routed channels", CalibratedForm(route: .channels, choice: .topk)),
        ("fixed channels, first k", CalibratedForm(route: .channels, choice: .fixed, fusion: .first)),
        ("dropped", CalibratedForm(drop: true)),
    ]
}
