/// Points of several series over two axes, as an SVG drawing.
struct ScatterPlot {
    struct Point {
        let x: Double
        let y: Double
        let label: String
        /// The ends of a vertical bar through the point.
        var interval: ClosedRange<Double>?
    }

    struct Series {
        let name: String
        /// The points in the order in which they are joined.
        let points: [Point]
    }

    let xTitle: String
    let yTitle: String
    let series: [Series]
    /// A horizontal line, such as the source's own value.
    let reference: (value: Double, label: String)?
    /// Whether the drawing is a file of its own and needs its own colours.
    var isAlone = false

    /// The extents of a drawing in pixels at which its text is 13 pixels high.
    private struct Frame {
        let width, height, left, right, top, bottom: Double
        /// Whether the series' names stand below the axis, rather than in the right margin.
        let namesBelow: Bool

        static let wide = Frame(
            width: 760, height: 430, left: 70, right: 110, top: 20, bottom: 50, namesBelow: false)
        /// For screens such as a telephone's.
        static let narrow = Frame(
            width: 360, height: 380, left: 58, right: 24, top: 20, bottom: 84, namesBelow: true)
    }

    private var frame = Frame.wide

    init(
        xTitle: String, yTitle: String, series: [Series], reference: (value: Double, label: String)?,
        isAlone: Bool = false
    ) {
        self.xTitle = xTitle
        self.yTitle = yTitle
        self.series = series
        self.reference = reference
        self.isAlone = isAlone
    }

    /// The drawing; in a page, once for wide and once for narrow screens, of which the style sheet shows one.
    var html: HTML {
        guard !isAlone else { return drawing }
        var narrow = self
        narrow.frame = .narrow
        return .element("div", [], [drawing, narrow.drawing])
    }

    private var drawing: HTML {
        let points = series.flatMap(\.points)
        let xs = Axis(points.map(\.x))
        let ys = Axis(
            points.flatMap { [$0.y] + ($0.interval.map { [$0.lowerBound, $0.upperBound] } ?? []) }
                + (reference.map { [$0.value] } ?? []))
        let view = "0 0 \(Int(frame.width)) \(Int(frame.height))"
        var parts: [HTML] = isAlone ? [HTML.style(ScatterPlot.sheet)] : []
        parts += grid(xs, ys)
        parts += line(xs, ys)
        var labels: [(text: String, x: Double, y: Double)] = []
        for (index, series) in series.enumerated() {
            parts += drawing(series, index, xs, ys, &labels)
        }
        let attributes: Attributes = [
            ("viewBox", view), ("xmlns", "http://www.w3.org/2000/svg"), ("role", "img"),
        ]
        return HTML.element("svg", class: frame.namesBelow ? "plot narrow" : "plot", attributes, parts)
    }

    private typealias Attributes = [(StaticString, String)]

    private static let sheet: StaticString = """

        text { font: 13px system-ui, sans-serif; fill: #1b2430; }
        line, polyline { stroke-width: 1.5; }
        .grid { stroke: #dfe3e8; } .axis { stroke: #5b6675; } .reference { stroke: #5b6675; stroke-dasharray: 5 4; }
        .series0 { stroke: #0f7b6c; fill: #0f7b6c; } .series1 { stroke: #b35900; fill: #b35900; }
        .series2 { stroke: #3558c0; fill: #3558c0; } .series3 { stroke: #8a3a8f; fill: #8a3a8f; }
        .series4 { stroke: #b3263c; fill: #b3263c; }
        polyline { fill: none !important; }
        .ring { fill: none; stroke-width: 2.5; }

        """

    // MARK: Parts

    private func x(_ value: Double, _ axis: Axis) -> Double {
        frame.left + (frame.width - frame.left - frame.right) * axis.share(value)
    }

    private func y(_ value: Double, _ axis: Axis) -> Double {
        frame.top + (frame.height - frame.top - frame.bottom) * (1 - axis.share(value))
    }

    private func grid(_ xs: Axis, _ ys: Axis) -> [HTML] {
        let (left, right) = (frame.left, frame.width - frame.right)
        let bottom = frame.height - frame.bottom
        var parts: [HTML] = []
        for tick in ys.ticks {
            parts.append(rule(left, y(tick, ys), right, y(tick, ys), "grid"))
            parts.append(label(ys.text(tick), left - 8, y(tick, ys) + 4, "end"))
        }
        for tick in xs.ticks {
            parts.append(rule(x(tick, xs), bottom, x(tick, xs), bottom + 5, "axis"))
            parts.append(label(xs.text(tick), x(tick, xs), bottom + 20, "middle"))
        }
        parts.append(rule(left, bottom, right, bottom, "axis"))
        parts.append(label(xTitle, (left + right) / 2, bottom + 42, "middle"))
        let middle = number(bottom / 2)
        let turned: Attributes = [
            ("x", "16"), ("y", middle), ("text-anchor", "middle"), ("transform", "rotate(-90 16 \(middle))"),
        ]
        parts.append(HTML.element("text", turned, [HTML.text(yTitle)]))
        return parts
    }

    private func line(_ xs: Axis, _ ys: Axis) -> [HTML] {
        guard let reference else { return [] }
        let (left, right) = (frame.left, frame.width - frame.right)
        let height = y(reference.value, ys)
        return [
            rule(left, height, right, height, "reference"),
            frame.namesBelow
                ? label(reference.label, left + 4, height - 6, "start")
                : label(reference.label, right + 6, height + 4, "start"),
        ]
    }

    /// - Parameter labels: the labels drawn so far; a point close to one with the same text gets none.
    private func drawing(
        _ series: Series, _ index: Int, _ xs: Axis, _ ys: Axis,
        _ labels: inout [(text: String, x: Double, y: Double)]
    ) -> [HTML] {
        // The first series is drawn as rings, which show around the dots of others in the same place.
        let tone = "series\(index % 5)" + (index == 0 && self.series.count > 1 ? " ring" : "")
        let places = series.points.map { (x($0.x, xs), y($0.y, ys)) }
        var parts: [HTML] = []
        if places.count > 1 {
            let path = places.map { "\(number($0.0)),\(number($0.1))" }.joined(separator: " ")
            let attributes: Attributes = [("points", path), ("fill", "none")]
            parts.append(HTML.element("polyline", class: tone, attributes))
        }
        for (point, place) in zip(series.points, places) {
            if let interval = point.interval {
                parts.append(
                    rule(place.0, y(interval.lowerBound, ys), place.0, y(interval.upperBound, ys), tone))
            }
            let hint = "\(series.name) \(point.label): \(number(point.x)), \(number(point.y))"
            parts.append(dot(place.0, place.1, tone, [HTML.element("title", hint)]))
            let isLabelled = labels.contains {
                $0.text == point.label && abs($0.x - place.0) < 40 && abs($0.y - place.1) < 60
            }
            guard !isLabelled else { continue }
            labels.append((point.label, place.0, place.1))
            parts.append(label(point.label, place.0 + 8, place.1 - 7, "start"))
        }
        // The names are in the right margin, one line each, or in one line below the axis.
        let row = frame.namesBelow ? frame.height - 10 : frame.height - frame.bottom - 18 * Double(index + 1)
        let pitch = min(84, (frame.width - 24) / Double(max(1, self.series.count)))
        let column = frame.namesBelow ? 24 + pitch * Double(index) : frame.width - frame.right + 24
        parts.append(dot(column, row - 4, tone))
        parts.append(label(series.name, column + 12, row, "start"))
        return parts
    }

    private func dot(_ x: Double, _ y: Double, _ tone: String, _ children: [HTML] = []) -> HTML {
        let radius = tone.hasSuffix("ring") ? "8" : "5"
        let attributes: Attributes = [("cx", number(x)), ("cy", number(y)), ("r", radius)]
        return HTML.element("circle", class: tone, attributes, children)
    }

    private func rule(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ tone: String) -> HTML {
        let attributes: Attributes = [
            ("x1", number(x1)), ("y1", number(y1)), ("x2", number(x2)), ("y2", number(y2)),
        ]
        return HTML.element("line", class: tone, attributes)
    }

    private func label(_ text: String, _ x: Double, _ y: Double, _ anchor: String) -> HTML {
        let attributes: Attributes = [("x", number(x)), ("y", number(y)), ("text-anchor", anchor)]
        return HTML.element("text", attributes, [HTML.text(text)])
    }

    private func number(_ value: Double) -> String { Quantity.fixed(value, decimals: 1) }
}

/// A range of numbers with round ticks.
private struct Axis {
    private let low: Double
    private let high: Double
    let ticks: [Double]
    private let decimals: Int

    /// The smallest range of whole steps (1, 2 or 5 times a power of ten) that contains all values.
    init(_ values: [Double]) {
        let (least, most) = (values.min() ?? 0, values.max() ?? 1)
        let span = max(most - least, 1e-3)
        var unit = 1e-6
        while unit * 10 <= span / 4 { unit *= 10 }
        let step = [1.0, 2, 5, 10].first { span / (unit * $0) <= 6 }.map { $0 * unit } ?? unit * 10
        low = (least / step).rounded(.down) * step
        high = max((most / step).rounded(.up) * step, low + step)
        var ticks: [Double] = []
        var tick = low
        while tick <= high + step / 2 {
            ticks.append(tick)
            tick += step
        }
        self.ticks = ticks
        decimals = step >= 1 ? 0 : step >= 0.1 ? 1 : step >= 0.01 ? 2 : 3
    }

    func share(_ value: Double) -> Double { (value - low) / (high - low) }

    func text(_ tick: Double) -> String { Quantity.fixed(tick, decimals: decimals) }
}
