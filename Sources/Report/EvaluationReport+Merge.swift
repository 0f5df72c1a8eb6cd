import Calibration
import FoundationEssentials
import GraphIR

extension EvaluationReport {
    /// The most bytes of a document; one of a hundred models has 60 kB.
    private static let longest = 16 << 20

    /// The report in a JSON document that `evaluate --shard` wrote.
    ///
    /// - Throws: `FileError`; `MergeError.notAPart` for any other file.
    public static func part(path: String) throws -> EvaluationReport {
        struct Kind: Decodable { let schema: String }
        let bytes = try MappedFile(path: path).bytes
        guard bytes.count <= longest else { throw MergeError.notAPart(file: path) }
        let data = bytes.withUnsafeBytes { Data($0) }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        guard let kind = try? decoder.decode(Kind.self, from: data),
            kind.schema == "modconvert.\(EvaluationReport.schema)",
            let report = try? decoder.decode(EvaluationReport.self, from: data), let shard = report.shard,
            ImagePart("\(shard.index)/\(shard.count)") != nil, !report.models.isEmpty,
            report.models.count == shard.identity.models.count,
            report.models.allSatisfy({ $0.counts.arePossible && $0.counts.samples == report.samples })
        else { throw MergeError.notAPart(file: path) }
        return report
    }

    /// The report on all images, from those on all of their parts, in any order: equal to that of one evaluation.
    /// Names are those of the first part.
    ///
    /// - Throws: `MergeError` unless the parts are those of one evaluation, each once.
    public init(merging files: [(path: String, report: EvaluationReport)]) throws {
        let parts = files.compactMap { file in
            file.report.shard.map { (path: file.path, report: file.report, shard: $0) }
        }.sorted { $0.shard.index < $1.shard.index }
        guard let first = parts.first else { throw MergeError.missing([1], of: 1) }
        for part in parts.dropFirst() {
            if let difference = part.shard.difference(from: first.shard) {
                throw MergeError.different(difference, file: part.path, other: first.path)
            }
        }
        for (part, next) in zip(parts, parts.dropFirst()) where part.shard.index == next.shard.index {
            throw MergeError.double(part.shard.index, of: part.shard.count, file: next.path, other: part.path)
        }
        guard parts.count == first.shard.count else {
            let found = Set(parts.map(\.shard.index))
            let missing = (1...first.shard.count).lazy.filter { !found.contains($0) }
            throw MergeError.missing(Array(missing.prefix(4)), of: first.shard.count)
        }
        var counts = first.report.models.map(\.counts)
        for part in parts.dropFirst() {
            for (index, model) in part.report.models.enumerated() {
                guard let sum = counts[index].adding(model.counts) else {
                    throw MergeError.notAPart(file: part.path)
                }
                counts[index] = sum
            }
        }
        guard counts[0].samples == first.shard.images else { throw MergeError.notAPart(file: first.path) }
        self.init(
            data: first.report.data,
            models: zip(first.report.models, counts).enumerated().map { index, pair in
                Model(model: pair.0.model, macs: pair.0.macs, isFirst: index == 0, pair.1)
            }, note: first.report.note)
    }
}

extension EvaluationReport.Shard {
    /// The difference between this part's evaluation and the other's, in words; nil if it is the same.
    fileprivate func difference(from other: Self) -> String? {
        if count != other.count { return "another number of parts" }
        if identity.models != other.identity.models { return "other models" }
        if identity.data != other.identity.data || images != other.images { return "other images" }
        if identity.labels != other.identity.labels { return "other labels" }
        return identity.preprocessing == other.identity.preprocessing ? nil : "other options of images"
    }
}

/// Files that are not the parts of one evaluation.
public enum MergeError: DiagnosableError, Equatable {
    case notAPart(file: String)
    case different(String, file: String, other: String)
    case double(Int, of: Int, file: String, other: String)
    /// The first of those parts that no file has.
    case missing([Int], of: Int)

    public var diagnostic: Diagnostic {
        switch self {
        case .notAPart(let file):
            Diagnostic(
                .badData, file: file, problem: "is no evaluation of a part of the images",
                remedy: "name files that `modconvert evaluate --shard i/n --json FILE` wrote")
        case .different(let what, let file, let other):
            Diagnostic(
                .badData, file: file, problem: "is of an evaluation with \(what) than \(other)",
                remedy: "evaluate all parts with the same models, data and options")
        case .double(let index, let count, let file, let other):
            Diagnostic(
                .badData, file: file, problem: "is part \(index)/\(count), and so is \(other)",
                remedy: "name each part once")
        case .missing(let parts, let count):
            Diagnostic(
                .badData,
                problem: "no file is part \(parts.map(String.init).joined(separator: ", ")) of \(count)",
                remedy: "evaluate with --shard \(parts.first ?? 1)/\(count) too, and name its file")
        }
    }
}
