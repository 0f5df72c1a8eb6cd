#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// How parameters are tuned: Adam (Kingma, Ba 2015) on batches of images, with a rate that falls to zero as half a
/// cosine.
package struct TuningSettings: Sendable {
    /// The steps, if none is left out: as many as this work allows, but at least and at most so many. A block with small
    /// maps gains by more steps, which are cheap there.
    package var steps = 300...1000
    /// Multiply-accumulates of all steps.
    package var work = 1 << 40
    /// Images of a step, where a map has few pixels.
    package var batch = 64
    /// The output pixels that a step sees are at most these, but of no fewer than `leastBatch` images.
    package var pixels = 64 * 28 * 28
    package var leastBatch = 16
    /// The rate of the first step, for weights of filters of at most `fanIn` elements. Adam moves every weight by about the
    /// rate, so a longer filter's result would move further: its rate is less in proportion.
    package var rate = 3e-3
    package var fanIn = 128
    /// How much of the gradient's mean, and of its mean square, each step keeps.
    package var momentum = (first: 0.9, second: 0.999)
    /// Added to the root of the mean square.
    package var epsilon = 1e-8
    /// The held-out images are looked at so often, after equal numbers of steps,
    package var looks = 12
    /// and tuning ends when so many looks in a row found nothing better.
    package var patience = 6

    package init() {}

    /// The images of a step for an output of so many pixels, if there are so many images.
    package func batch(pixels: Int, images: Int) -> Int {
        min(images, max(leastBatch, min(batch, self.pixels / max(1, pixels))))
    }

    /// The steps on batches of so many images, each of which costs so much work forwards. Backwards costs twice as much.
    package func steps(work image: Int, batch: Int) -> Int {
        let step = Double(3 * max(1, batch)) * Double(max(1, image))
        return min(steps.upperBound, max(steps.lowerBound, Int(Double(work) / step)))
    }

    /// The rate of one of so many steps, for filters of so many elements.
    func rate(step: Int, of steps: Int, fanIn filter: Int) -> Double {
        let share = (1 + cos(Double.pi * Double(step) / Double(max(1, steps)))) / 2
        return rate * share * min(1, Double(fanIn) / Double(max(1, filter)))
    }
}
