import Calibration
import GraphIR
import Quantization

/// Finds how many layers have to stay in float for a quantised network to predict as the float one does.
///
/// The layers that lose the most, by their signal-to-noise ratios, stay first.
struct FloatLayerSearch {
    let graph: Graph
    let supply: ImageSupply
    let options: QuantizationOptions
    let settings: CalibrationSettings

    /// The quantised network, and the names of the layers that stayed in float.
    ///
    /// - Parameter maxDrop: the share of images that may be predicted otherwise; nil for no bound.
    /// - Throws: `CalibrationError.noTarget` if even half of the layers in float do not suffice.
    func network(
        maxDrop: Double?, _ progress: (CalibrationProgress) -> Void
    ) throws -> (network: QuantizedNetwork, left: [String]) {
        let images = try supply.images(for: .fitting)
        func quantized(_ floating: [QuantizedNetwork.Layer], _ step: String) throws -> QuantizedNetwork {
            try Quantizer.quantize(
                graph, images: images, options: options, leaving: Set(floating.map(\.node))
            ) {
                progress(CalibrationProgress(step: $0.step + step, share: $0.share))
            }
        }
        let full = try quantized([], "")
        guard let maxDrop, try drop(full) > maxDrop else { return (full, []) }
        let ranked = full.layers.sorted { $0.leastSNR < $1.leastSNR }
        var best: (network: QuantizedNetwork, count: Int)?
        var (low, high) = (0, max(1, ranked.count / 2))
        for round in 1...FloatLayerSearch.rounds where low < high {
            let count = round == 1 ? high : (low + high) / 2
            let candidate = try quantized(
                Array(ranked.prefix(count)), ", round \(round) of \(FloatLayerSearch.rounds)")
            if try drop(candidate) <= maxDrop {
                (best, high) = ((candidate, count), count)
            } else if round == 1 {
                break
            } else {
                low = count + 1
            }
        }
        guard let best else {
            throw CalibrationError.noTarget(
                "even with \(high) of \(ranked.count) layers in float the network predicts too often otherwise"
            )
        }
        let floating = Set(ranked.prefix(best.count).map(\.node))
        return (best.network, full.layers.filter { floating.contains($0.node) }.map(\.name))
    }

    private static let rounds = 6

    /// The share of images, beyond those of the fits, for which the network predicts another class.
    private func drop(_ network: QuantizedNetwork) throws -> Double {
        let evaluation = try Evaluation(
            [graph, network.graph], images: try supply.images(for: .checking), labels: nil,
            threads: settings.threads, limits: settings.limits)
        return 1 - evaluation.results[1].agreement.share
    }
}
