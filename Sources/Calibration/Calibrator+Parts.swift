import GraphIR
import MixtureOfDepths
import Runtime

/// How calibration passes the parts of a network, one after the other.
extension Calibrator {
    /// Passes a part that conversion does not change.
    mutating func pass(_ part: BlockSchedule.Part) throws {
        let session = try schedule.session(of: part, threads: fit.workers.count, fit.options.limits)
        let isChanged = part.inputs.contains(where: converted.holds)
        for chunk in source.chunks.indices {
            if isChanged {
                let inputs = converted.inputs(part.inputs, chunk: chunk, over: source)
                try converted.set(session.run(inputs), for: part.outputs, chunk: chunk)
            }
            try source.pass(part, chunk: chunk, by: session)
            converted.drop(part.lastReads, chunk: chunk)
        }
    }

    /// Passes a block.
    ///
    /// - Parameter tuning: called with the share of the block's tuning that is done.
    mutating func pass(
        _ shared: SharedBlock, _ part: BlockSchedule.Part, tuning: (Double) -> Void
    ) throws {
        let (entry, block) = (shared.entry, shared.entry.block)
        let isChanged = shared.inputs.contains(where: converted.holds)
        guard case .convert(.calibrated(let form, let body)) = entry.verdict else {
            guard isChanged, fit.weights.fitsFollowing,
                case .success(let body) = LayeredBody.of(block, in: schedule.graph)
            else { return try pass(part) }
            let (fitter, _) = try enter(
                shared, part, BlockPart(schedule.graph, block, body), isConverted: false)
            let fitted = try fitter.standard()
            keep(fitted.parameters, fitter.part, shared)
            return try leave(fitter, fitted, shared, over: part)
        }
        let (fitter, output) = try enter(
            shared, part, BlockPart(schedule.graph, block, body),
            isConverted: !form.payload.hidden.isEmpty)
        try leave(
            fitter, try convert(shared, form, body, fitter, to: output, tuning: tuning), shared, over: part)
    }

    /// Moves the source's activations over a block, and records what its fits need.
    ///
    /// - Returns: what fits the block, and the source's activations after it, those of several uses as of one.
    private mutating func enter(
        _ shared: SharedBlock, _ part: BlockSchedule.Part, _ block: BlockPart, isConverted: Bool
    ) throws -> (fitter: BlockFitter, output: ActivationStream) {
        let before = try shared.inputs.map { input in
            guard let stream = source.stream(input) else {
                throw CalibrationError.notComparable(schedule.graph[input].name)
            }
            return stream
        }
        let current = zip(shared.inputs, before).map { converted.stream($0) ?? $1 }
        // Of a shared block, nothing but the outputs is read.
        if part.outputs.count > 1, shared.twins.isEmpty {
            let session = try schedule.session(of: part, threads: fit.workers.count, fit.options.limits)
            for chunk in source.chunks.indices {
                let results = try session.run(source.inputs(part.inputs, chunk: chunk))
                try source.set(results, for: part.outputs, chunk: chunk)
            }
        }
        source.drop(part.lastReads)
        converted.drop(part.lastReads)
        let repeated = fit.repeated(before.count)
        var stream = ActivationStream(joining: before, fit.division)
        let record = try SourceRecord(block, repeated, moving: &stream, isConverted: isConverted)
        source.set(stream, for: shared.outputs, fit.division)
        let joined = ActivationStream(joining: current, fit.division)
        return (BlockFitter(part: block, fit: repeated, record: record, current: joined), stream)
    }

    /// Tries the ways in which the block may be reduced, takes the one with the least error, and tunes it if that is
    /// asked for.
    ///
    /// - Parameter output: the source's activations after the block.
    private mutating func convert(
        _ shared: SharedBlock, _ form: CalibratedForm, _ body: LayeredBody, _ fitter: BlockFitter,
        to output: ActivationStream, tuning: (Double) -> Void
    ) throws -> BlockFitter.Fitted {
        let entry = shared.entry
        var candidates = ways.filter { $0.obstacle(entry.block, body) == nil }.compactMap(form.inWay)
        if candidates.isEmpty { candidates = [form] }
        var best: (fitted: BlockFitter.Fitted, block: FittedBlock, score: Double)?
        var errors: [(form: CalibratedForm, error: Double)] = []
        for candidate in candidates {
            let (fitted, block) = try fitter.converted(to: candidate)
            let error = try fitter.error(fitted, against: output)
            guard error.isFinite else { throw CalibrationError.notFinite(block: entry.block.scope) }
            errors.append((candidate, error))
            let score = candidate.form.isRouted ? error : error * fit.options.routedAdvantage
            if score < best?.score ?? .infinity { best = (fitted, block, score) }
        }
        guard let best else { throw CalibrationError.notFinite(block: entry.block.scope) }
        var (fitted, block) = (best.fitted, best.block)
        var outcome = Calibration.Outcome(scope: entry.block.scope, form: block.form, errors: errors)
        if fit.weights == .tune {
            let tuned = try fitter.tuned(fitted, block, to: output, progress: tuning)
            (fitted, block, outcome.tuning) = (tuned.fitted, tuned.block, tuned.change)
        }
        for entry in shared.entries {
            guard let body = entry.verdict.calibratedBody else { continue }
            plan = plan.deciding([entry.block.closing: .convert(.calibrated(block.form, body))])
        }
        weights.blocks[entry.block.closing] = block
        weights.biases[entry.block.closing] = fitted.bias
        if fit.weights != .keep, let projection = fitter.part.projection {
            weights.refits[projection] = fitted.parameters.projection
        }
        for twins in shared.twins { weights.share(twins) }
        outcomes.append(outcome)
        return fitted
    }

    /// Keeps the fitted parameters of a block that stays.
    private mutating func keep(
        _ parameters: BlockPart.Parameters, _ part: BlockPart, _ shared: SharedBlock
    ) {
        for (layer, fitted) in zip(part.body.layers, parameters.layers) where layer.groups == 1 {
            weights.refits[layer.convolution] = fitted
        }
        if let projection = part.projection { weights.refits[projection] = parameters.projection }
        for twins in shared.twins { weights.share(twins) }
    }

    /// Moves the converted network's activations over a block.
    private mutating func leave(
        _ fitter: BlockFitter, _ fitted: BlockFitter.Fitted, _ shared: SharedBlock,
        over part: BlockSchedule.Part
    ) throws {
        let uses = shared.outputs.count
        try fitter.run(fitted, to: uses > 1 ? [shared.outputs[0]] : part.outputs) { chunk, results in
            let place = fit.division.place(ofRepeated: chunk, uses: uses)
            let values = uses > 1 ? [shared.outputs[place.use]] : part.outputs
            try converted.set(results, for: values, chunk: place.chunk)
        }
        for output in shared.outputs where !part.outputs.contains(output) {
            source.drop([output])
            converted.drop([output])
        }
    }

    /// Both networks at the ends, on the samples that alternatives are compared on: the mean over the ends.
    func comparison() throws -> Calibration.Comparison {
        var comparisons: [ScoreComparison] = []
        for end in schedule.ends {
            var comparison = ScoreComparison()
            for chunk in fit.division.compared {
                guard let reference = source.chunks[chunk][end] else { continue }
                try comparison.add(converted.chunks[chunk][end] ?? reference, reference: reference)
            }
            comparisons.append(comparison)
        }
        func mean(_ value: (ScoreComparison) -> Double) -> Double {
            comparisons.reduce(0) { $0 + value($1) } / Double(max(1, comparisons.count))
        }
        let kinds = Set(comparisons.compactMap(\.kind))
        return Calibration.Comparison(
            isOfOutput: schedule.isWhole, kind: kinds.count == 1 ? kinds.first ?? .values : .values,
            samples: comparisons.first?.samples ?? 0,
            isHeldOut: !fit.division.heldOut.isEmpty, agreement: mean(\.agreement),
            cosine: mean(\.meanCosine), error: mean(\.relativeError), divergence: mean(\.divergence))
    }
}
