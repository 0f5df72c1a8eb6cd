import ArgumentParser
import Calibration
import GraphIR
import MixtureOfDepths
import Passes
import Report

/// A report on the choices of a model's routers.
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

    /// The routers of a model, not yet counted, and the graph that computes them; nil if the user did not ask
    /// for a report.
    ///
    /// A model without a manifest, such as one that PyTorch has trained and exported, is run in canonical
    /// form, in which its blocks are recognised.
    ///
    /// - Throws: `CalibrationError.noRouting` for a model without routers.
    func subject(of model: Model) throws -> RoutingSubject? {
        guard routing != nil else { return nil }
        if let manifest = Manifest(model) {
            return RoutingSubject(
                graph: model.graph, statistics: try RoutingStatistics(manifest.blocks.flatMap(\.choices)))
        }
        let graph = try Pipeline.canonical().run(model.graph)
        let blocks = Manifest.recognised(in: graph)?.blocks ?? []
        return RoutingSubject(graph: graph, statistics: try RoutingStatistics(blocks.flatMap(\.choices)))
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

/// A network whose routers are counted.
struct RoutingSubject {
    let graph: Graph
    var statistics: RoutingStatistics
}

extension RoutingReport {
    /// The report on the counts.
    ///
    /// - Parameter names: the names of the classes, by number.
    init(
        model: String, data: String, hasLabels: Bool, names: [String]? = nil, _ statistics: RoutingStatistics
    ) {
        self.init(
            model: model, data: data, samples: statistics.routes.first?.samples ?? 0, hasLabels: hasLabels,
            routes: statistics.routes.map { route in
                let choice =
                    switch route.choice {
                    case .channels: "channels"
                    case .pairs: "channels in pairs"
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
