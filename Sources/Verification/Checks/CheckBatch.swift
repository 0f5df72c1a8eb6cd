import GraphIR
import Runtime

extension Verifier {
    /// Check 5: a batch computes what its samples compute one by one.
    ///
    /// This is where a gather that is not per sample shows. With a symbolic batch, three samples are run
    /// together and alone. A model with a fixed batch of 1 is checked on a copy whose batch is freed, where
    /// that is possible; with a larger fixed batch, a run with its samples in reverse order is compared.
    func checkBatch(_ runs: Runs) throws -> VerificationCheck {
        let title = "a batch equals its samples"
        guard runs.hasFreeBatch else {
            guard let batch = converted.graph.fixedBatch, batch > 1 else {
                return check(5, title, .notApplicable, "the batch is fixed to 1 inside the graph")
            }
            return try checkReversedBatch(runs, batch, title)
        }
        let graph = converted.graph
        let outputs = graph.outputs.map { graph[$0].name }
        let example = runs.samples.first?.inputs ?? [:]
        let samples = try concurrentMap(0..<Verifier.batchSize, threads: options.threads) {
            try SeededInputs.tensors(
                for: graph, batch: 1, seed: options.seed, index: $0, example: example)
        }
        var batch: [String: Tensor] = [:]
        for name in samples[0].keys { batch[name] = try Tensor.stacking(samples.compactMap { $0[name] }) }
        let together = try runs.session.table(batch)
        var worst = 0.0
        for (index, sample) in samples.enumerated() {
            let alone = try runs.session.table(sample)
            for name in outputs {
                guard let whole = together[name], let single = alone[name], whole.rank >= 1,
                    whole.shape[0] == Verifier.batchSize,
                    let difference = Difference(try whole.selecting([index], axis: 0), from: single)
                else { return check(5, title, .failed, "output \"\(name)\" has no batch axis") }
                worst = max(worst, difference.relative)
                guard difference.relative <= Tolerance.relative else {
                    return check(
                        5, title, .failed,
                        "output \"\(name)\", sample \(index): relative difference "
                            + text(difference.relative),
                        figures: ["relative": difference.relative])
                }
            }
        }
        return check(
            5, title, .passed,
            "\(Verifier.batchSize) samples together and alone: "
                + (worst == 0 ? "bit-identical" : "max relative difference \(text(worst))"),
            figures: ["samples": Double(Verifier.batchSize), "relative": worst])
    }

    private static let batchSize = 3

    private func checkReversedBatch(_ runs: Runs, _ batch: Int, _ title: String) throws -> VerificationCheck {
        guard let sample = runs.samples.first else {
            return check(5, title, .notApplicable, "no sample was run")
        }
        let order = Array((0..<batch).reversed())
        var reversed: [String: Tensor] = [:]
        for (name, tensor) in sample.inputs { reversed[name] = try tensor.selecting(order, axis: 0) }
        let results = try runs.session.table(reversed)
        var worst = 0.0
        for id in converted.graph.outputs {
            let name = converted.graph[id].name
            guard let forward = sample.converted[name], let backward = results[name], forward.rank >= 1,
                forward.shape[0] == batch,
                let difference = Difference(try backward.selecting(order, axis: 0), from: forward)
            else { return check(5, title, .failed, "output \"\(name)\" has no batch axis") }
            worst = max(worst, difference.relative)
        }
        guard worst <= Tolerance.relative else {
            return check(5, title, .failed, "a sample's result depends on its place in the batch")
        }
        return check(
            5, title, .passed,
            "\(batch) samples in two orders: "
                + (worst == 0 ? "bit-identical" : "max relative difference \(text(worst))"),
            figures: ["samples": Double(batch), "relative": worst])
    }
}

extension Tensor {
    /// Tensors of one type joined along their first axis.
    static func stacking(_ tensors: [Tensor]) throws -> Tensor {
        guard let first = tensors.first, first.rank >= 1,
            tensors.allSatisfy({ $0.elementType == first.elementType && $0.shape == first.shape })
        else {
            throw TensorError.invalidShape(tensors.first?.shape ?? [], tensors.first?.elementType ?? .float32)
        }
        let size = first.bytes.count
        let bytes = ByteRegion(count: size * tensors.count) { target in
            for (index, tensor) in tensors.enumerated() {
                tensor.bytes.withUnsafeBytes { source in
                    guard let from = source.baseAddress, let to = target.baseAddress else { return }
                    (to + index * size).copyMemory(from: from, byteCount: size)
                }
            }
        }
        let shape = [first.shape[0] * tensors.count] + first.shape.dropFirst()
        return try Tensor(first.elementType, shape: shape, bytes: bytes)
    }
}
