import ArgumentParser
import Calibration
import GraphIR
import MixtureOfDepths
import Report

/// A report of what a model's routers choose.
struct RoutingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Write how often each channel or hidden unit of each routed block is chosen, over all inputs and by class: a page (.html) or figures (.json).",
            valueName: "file"), completion: .file(extensions: ["html", "json"]))
    var routing: String?

    func validate() throws {
        guard let routing else { return }
        guard routing.hasSuffix(".html") || routing.hasSuffix(".json") else {
            throw ValidationError("--routing takes a file named .html or .json")
        }
    }

    /// - Throws: `UsageError` if the report would replace another file of the command; `FileError` if it
    ///   cannot be created.
    func check(against files: [String]) throws {
        try GeneratedText.check(routing, option: "--routing", against: files)
    }

    /// What the routers of a model choose, not yet counted; nil if no report is asked for.
    ///
    /// - Throws: `CalibrationError.noRouting` for a model without routers.
    func statistics(of model: Model) throws -> RoutingStatistics? {
        guard routing != nil else { return nil }
        return try RoutingStatistics(Manifest(model)?.blocks.flatMap(\.choices) ?? [])
    }

    /// Writes the report as a page or as JSON.
    func write(_ report: RoutingReport) throws {
        let isPage = routing?.hasSuffix(".html") == true
        try GeneratedText.write(
            isPage
                ? RoutingPage(report, command: CommandWords.current).html : try JSONText.encode(report),
            to: routing)
    }
}

extension RoutingReport {
    /// The report of what was counted.
    ///
    /// - Parameter names: of the classes, by number.
    init(
        model: String, data: String, hasLabels: Bool, names: [String]? = nil, _ statistics: RoutingStatistics
    ) {
        self.init(
            model: model, data: data, samples: statistics.routes.first?.samples ?? 0, hasLabels: hasLabels,
            routes: statistics.routes.map { route in
                let choice =
                    switch route.choice {
                    case .channels: "channels"
                    case .units(let layer): "units of layer \(layer)"
                    }
                return RoutingReport.Route(
                    block: route.scope, choice: choice, chosen: route.chosen, frequencies: route.frequencies,
                    difference: route.difference, differenceAtRandom: route.differenceAtRandom,
                    margins: route.margins,
                    classes: route.classes.sorted { $0.key < $1.key }.map { label, entry in
                        ClassShare(
                            label: label,
                            name: names.flatMap { $0.indices.contains(label) ? $0[label] : nil },
                            samples: entry.samples, frequencies: route.frequencies(ofClass: label))
                    })
            })
    }
}
