import MixtureOfDepths

extension BlockFitter {
    /// Half of the slots choose between two channels. The fixed choice of channels gives the first of each
    /// pair, and the prior of the refit.
    func converted(to form: PairedChannels) throws -> (Fitted, FittedBlock) {
        let original = try part.original
        let units = chosenUnits(form.hidden, original.layers)
        let consumer = original.layers[0].selecting(outputs: units.first, inputs: nil).byInput
        let gains = original.layers[0].inputNorms.map(Float.init)
        let (covariance, means) = try featureMoments()
        let inside = ColumnSelection.choose(
            form.processed, covariance: covariance, consumer: consumer, fit.workers)
        let pooled = try pooledFeatures()
        var selection = PairSelection(inside: inside, consumer: consumer, means: means, fit.workers)
        for chunk in fit.division.fitted {
            let first = fit.division.chunks[chunk].lowerBound
            let rows = try fit.sampler.rows(
                of: try features(current.chunks[chunk]), first: first, fit.workers)
            let samples = pooled[chunk].rows
            let size = rows.rows / max(1, samples) * rows.columns
            for sample in 0..<samples {
                let values = Array(rows.values[(sample * size)..<((sample + 1) * size)])
                selection.add(
                    Matrix(rows: size / max(1, rows.columns), columns: rows.columns, floats: values),
                    scores: scores(gains, pooled[chunk], sample), fit.workers)
            }
        }
        let pairs = selection.pairs(form.choosing)
        let choice = SampleChoice.channels(
            pooled.map { means in
                (0..<means.rows).map {
                    pairs.channels(takingSecond: pairs.takesSecond(scores(gains, means, $0)))
                }
            })
        let narrow = try narrowed(original, units, inputs: pairs.first + pairs.constant, choice, form)
        return (narrow.fitted, .pairedChannels(form, gains: gains, pairs, layers: narrow.layers))
    }

    /// The score of each channel for one sample: its mean times the norm of the weights that read it.
    private func scores(_ gains: [Float], _ means: Matrix, _ sample: Int) -> [Double] {
        gains.enumerated().map { Double($0.element) * means[sample, $0.offset] }
    }
}
