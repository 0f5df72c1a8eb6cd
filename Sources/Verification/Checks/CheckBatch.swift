import GraphIR
import MixtureOfDepths
import Operators
import Runtime

extension Verifier {
    /// Check 5: a batch gives the same results as its samples one by one.
    ///
    /// This check exposes a gather that is not per sample. Three samples are run together and alone, and the
    /// graph's outputs and those of the MoD blocks are compared. A graph with a fixed batch is run as a copy
    /// for other batches, in which the constants of the MoD blocks' gathers are rewritten. Other nodes may
    /// fix the batch, such as a Reshape to [1, C] in the head. They are left out with everything that depends
    /// on them, but only if the source behaves the same.
    func checkBatch(_ runs: Runs) throws -> VerificationCheck {
        guard let graph = try BatchedGraph(converted.graph, manifest?.blocks ?? []) else {
            return check(.batch, .notApplicable, "the inputs share no batch")
        }
        do {
            return try checkBatch(runs, graph)
        } catch let error as RuntimeError {
            guard case .limit(let problem, _) = error else { throw error }
            return check(.batch, .notApplicable, "\(BatchComparison.samples) samples: \(problem)")
        } catch let error as OperatorError where error.kind == .limit {
            return check(.batch, .notApplicable, "\(BatchComparison.samples) samples: \(error.problem)")
        }
    }

    private func checkBatch(_ runs: Runs, _ graph: BatchedGraph) throws -> VerificationCheck {
        let example = runs.samples.first?.inputs ?? [:]
        let names = unique(runs.outputs + runs.blocks.map(\.values.output))
        let found = try BatchComparison(
            of: graph, names, runs.reach, runs.takesAnyBatch ? runs.session : nil, example: example, options)
        // A MoD block that fixes a batch which the graph leaves open is wrong.
        if let node = found.refusal, converted.graph.hasOpenBatch,
            Runs.isInsideBlock(node, of: converted.graph, manifest), let boundary = found.reach.boundary
        {
            return check(.batch, .failed, boundary.text)
        }
        let different = names.filter { !found.isEqual($0) }
        let excused = try excused(different, found, runs, example)
        if let name = different.first(where: { !excused.contains($0) }) {
            return check(
                .batch, .failed, found.problem(name),
                figures: found.worst[name].map { ["relative": $0.relative] } ?? [:])
        }
        let equal = names.filter(found.isEqual)
        guard !equal.isEmpty else {
            if let batch = converted.graph.fixedBatch, batch > 1, !runs.outputs.isEmpty {
                return try checkReversedBatch(runs, batch)
            }
            return check(
                .batch, .notApplicable,
                found.reach.boundary.map { "the graph takes no other batch: \($0.text)" }
                    ?? "no output has a batch axis")
        }
        let outputs = converted.graph.outputs.map { converted.graph[$0].name }
        let isWhole = equal.count == unique(outputs + (manifest?.blocks.map(\.values.output) ?? [])).count
        let end =
            isWhole
            ? ""
            : found.reach.boundary.map { ", up to \($0.text)" } ?? ", apart from outputs without a batch axis"
        let worst = equal.compactMap { found.worst[$0]?.relative }.max() ?? 0
        return check(
            .batch, isWhole ? .passed : .inPart,
            "\(BatchComparison.samples) samples together and alone: "
                + (worst == 0 ? "bit-identical" : "max relative difference \(text(worst))") + end,
            figures: ["samples": Double(BatchComparison.samples), "relative": worst])
    }

    /// The values whose differences within a batch say nothing about the conversion: MoD blocks after a node
    /// that fixes the batch, and outputs that differ in the source too.
    private func excused(
        _ names: [String], _ found: BatchComparison, _ runs: Runs, _ example: [String: Tensor]
    ) throws -> Set<String> {
        guard !names.isEmpty else { return [] }
        let blockOutputs = Set(runs.blocks.map(\.values.output))
        let unreached = names.filter { blockOutputs.contains($0) && !found.reach.reaches($0) }
        let outputs = names.filter { !blockOutputs.contains($0) }
        guard !outputs.isEmpty, let graph = try BatchedGraph(source.graph) else { return Set(unreached) }
        let inSource = try BatchComparison(
            of: graph, outputs, runs.sourceReach, nil, example: example, options)
        return Set(unreached + outputs.filter { !inSource.isEqual($0) })
    }

    private func checkReversedBatch(_ runs: Runs, _ batch: Int) throws -> VerificationCheck {
        guard let sample = runs.samples.first else {
            return check(.batch, .notApplicable, "no sample was run")
        }
        let order = Array((0..<batch).reversed())
        var reversed: [String: Tensor] = [:]
        for (name, tensor) in sample.inputs { reversed[name] = try tensor.selecting(order, axis: 0) }
        let results = try runs.session.table(reversed)
        var worst = 0.0
        for name in runs.outputs {
            guard let forward = sample.converted[name], let backward = results[name], forward.rank >= 1,
                forward.shape[0] == batch,
                let difference = Difference(try backward.selecting(order, axis: 0), from: forward)
            else { return check(.batch, .notApplicable, "output \"\(name)\" has no batch axis") }
            worst = max(worst, difference.relative)
        }
        guard worst <= Tolerance.relative else {
            return check(.batch, .failed, "a sample's result depends on its place in the batch")
        }
        return check(
            .batch, .passed,
            "\(batch) samples in two orders: "
                + (worst == 0 ? "bit-identical" : "max relative difference \(text(worst))"),
            figures: ["samples": Double(batch), "relative": worst])
    }
}

extension BatchComparison {
    /// Whether every sample gives the same value alone and in the batch.
    fileprivate func isEqual(_ name: String) -> Bool {
        worst[name].map { $0.relative <= Tolerance.relative } ?? false
    }

    /// The problem with a value that is not equal.
    fileprivate func problem(_ name: String) -> String {
        if let worst = worst[name] {
            return "output \"\(name)\", sample \(worst.sample): relative difference \(text(worst.relative))"
        }
        if reach.reaches(name) { return "output \"\(name)\" has no batch axis" }
        return reach.boundary?.text ?? "output \"\(name)\" cannot be computed"
    }
}
