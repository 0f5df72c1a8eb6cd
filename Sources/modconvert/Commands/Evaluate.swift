import ArgumentParser
import Calibration
import Conversion
import GraphIR
import MixtureOfDepths
import ONNXFormat
import Operators
import Report

/// `modconvert evaluate`: the accuracy of models on images, and whether they differ.
struct Evaluate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract:
            "Compare models on images: accuracy, agreement, and whether a difference is more than chance.",
        discussion: """
            Accuracies come with their 95% interval (Wilson). Each model is compared with the first by \
            McNemar's exact test on the same images; a difference that chance makes is called a tie. Without \
            labels the models' agreement with the first is what can be told.
            """)

    @Argument(help: "The ONNX files; the first is the one that the others are compared with.")
    var models: [String]

    @Option(
        help: ArgumentHelp(
            "Images: a folder of .png and .jpg files, or of one such folder for each class; a .npy, .npz or .pb file; a folder of test data sets; an IDX file of (Fashion-)MNIST.",
            valueName: "data"))
    var data: String

    @Option(
        help: ArgumentHelp(
            "The class of each image: an IDX file, a .npy file, or text with one number a line (default: what the data bring along).",
            valueName: "file"))
    var labels: String?

    @Option(help: ArgumentHelp("Use the first images only.", valueName: "n"))
    var limit: Int?

    @Option(
        help: ArgumentHelp(
            "Use one of n parts of the images only, 1/n to n/n; `modconvert merge` adds up what --json writes of each.",
            valueName: "i/n"),
        transform: Evaluate.part)
    var shard: ImagePart?

    @Flag(help: "Time one image in this tool's engine too, the models in turn.")
    var time = false

    @OptionGroup var routing: RoutingOptions
    @OptionGroup(title: "Images") var images: ImageOptions
    @OptionGroup var threads: ThreadOptions
    @OptionGroup(title: "Limits") var limits: LimitOptions
    @OptionGroup var results: OutputOptions

    func validate() throws {
        guard !models.isEmpty else { throw ValidationError("name at least one model") }
        guard limit ?? 1 >= 1 else { throw ValidationError("--limit takes a number of at least 1") }
        guard shard == nil || !(time || routing.routing != nil) else {
            throw ValidationError("--shard adds up counts alone: leave --time and --routing out")
        }
    }

    private static func part(_ text: String) throws -> ImagePart {
        guard let part = ImagePart(text) else {
            throw ValidationError("a part of the images is i/n, from 1/n to n/n")
        }
        return part
    }

    func run() throws {
        let console = Console(results)
        try results.json?.check(against: models)
        try routing.check(against: models + results.json.paths)
        let files = try models.map { try ONNXFile.read(path: $0, limits: limits.reading) }
        let graphs = files.map(\.graph)
        let routed = try routed(files)
        let all = try about(data) { try ImageData.read(data, for: graphs[0], images.record) }
        let labels = try self.labels.map(Labels.read) ?? all.labels
        if let labels, labels.count != all.images.count {
            throw UsageError(
                "--labels", "there are \(labels.count) labels for \(all.images.count) images",
                remedy: "give each image one")
        }
        let chosen = FirstImages(all.images, limit: limit ?? .max)
        let evaluation = try about(models[0]) {
            try console.progress("evaluating") { report in
                try Evaluation(
                    graphs, images: chosen, labels: labels, part: shard ?? .whole, threads: threads.count,
                    limits: limits.running
                ) {
                    report("\(chosen.count) images", $0)
                }
            }
        }
        let times = try time ? milliseconds(graphs, chosen, console) : nil
        let report = EvaluationReport(
            data: data,
            models: zip(models, graphs).enumerated().map { index, pair in
                var row = EvaluationReport.Model(
                    model: pair.0, macs: MACCount(pair.1).total(.strict), isFirst: index == 0,
                    evaluation.results[index])
                row.milliseconds = times?[index]
                return row
            }, note: all.note,
            shard: try shard.map {
                .init($0, images: evaluation.images, identity: try identity(labels))
            })
        try console.show(report.text)
        try console.write(json: report)
        guard let (index, subject) = routed else { return }
        try writeRouting(index, subject, chosen, labels, console)
    }

    private func milliseconds(
        _ graphs: [Graph], _ images: FirstImages, _ console: Console
    ) throws -> [Double] {
        try about(models[0]) {
            try console.step("timing") {
                try SpeedComparison.milliseconds(
                    graphs, images: images, threads: threads.count, limits: limits.running, runs: 101)
            }
        }
    }

    /// The first model with routers, if the user asked for a report.
    private func routed(_ files: [Model]) throws -> (index: Int, subject: RoutingSubject)? {
        guard routing.routing != nil else { return nil }
        for (index, file) in files.enumerated() {
            let subject: RoutingSubject? = try about(models[index]) {
                do {
                    return try routing.subject(of: file)
                } catch CalibrationError.noRouting where index < files.count - 1 {
                    return nil
                }
            }
            if let subject { return (index, subject) }
        }
        return nil
    }

    private func writeRouting(
        _ index: Int, _ subject: RoutingSubject, _ images: FirstImages, _ labels: [Int]?, _ console: Console
    ) throws {
        var statistics = subject.statistics
        try about(models[index]) {
            try console.progress("counting choices") { report in
                try statistics.count(
                    subject.graph, images: images, labels: labels, threads: threads.count,
                    limits: limits.running
                ) {
                    report("\(images.count) images", $0)
                }
            }
        }
        let report = RoutingReport(
            model: models[index], data: data, hasLabels: labels != nil, statistics)
        try console.show("\n" + report.text)
        try routing.write(report)
    }

    /// The facts that another part's evaluation must have in common with this one.
    private func identity(_ labels: [Int]?) throws -> EvaluationReport.Identity {
        EvaluationReport.Identity(
            models: try models.map { Fingerprint.sha256(try MappedFile(path: $0).bytes) },
            data: try ImageData.fingerprint(data), labels: labels.map { Fingerprint.sha256(ByteRegion($0)) },
            preprocessing: images.record)
    }
}
