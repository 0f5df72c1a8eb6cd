import Conversion
import GraphIR
import MixtureOfDepths

/// A file's record of its own making, in sentences, and the command that repeats it: converted, quantised or both.
public struct ExplanationReport: JSONDocument, Sendable {
    public static let schema = "explanation/1"

    let file: String
    let sentences: [String]
    let blocks: [Block]
    /// The words of the command; nil for a network that was built rather than converted.
    let command: [String]?
    /// Whether the file that the user named is the source; nil if none was named.
    let sourceMatches: Bool?

    struct Block: Encodable {
        let scope: String
        let channels: Int
        let processed: Int
        let hidden: [Int]
        let selectorHidden: Int?
        /// Nil for the paper's block.
        let kind: String?
        /// Nil without a bias for each sample.
        let biasRank: Int?
        let input: String
        let output: String
    }

    /// - Parameters:
    ///   - manifest: the conversion's record, and `request` the request in it; nil for a file that was only quantised.
    ///   - quantization: the quantisation's record; nil for a float file.
    ///   - model: the file's contents.
    ///   - command: the words of the command that makes the file again.
    ///   - sourceMatches: whether the file that the user named is the source.
    public init(
        _ manifest: Manifest?, _ quantization: QuantizationRecord?, model: Model, file: String,
        command: [String]?, sourceMatches: Bool?
    ) {
        self.file = file
        self.command = command
        self.sourceMatches = sourceMatches
        let conversion = manifest.flatMap { manifest in
            manifest.request.map { RequestSentences(manifest: manifest, request: $0, file: file) }
        }
        let integers = quantization.map {
            QuantizationSentences(
                record: $0, isConverted: conversion != nil, file: file, tool: model.producer ?? "a tool")
        }
        sentences = (conversion?.all ?? []) + (integers?.all ?? [])
        blocks = (manifest?.blocks ?? []).map { block in
            let record = BlockRecord(block)
            return Block(
                scope: block.scope, channels: block.form.channels, processed: block.form.processed,
                hidden: block.form.hidden, selectorHidden: record.selectorHidden, kind: record.kind,
                biasRank: record.biasRank,
                input: block.values.input, output: block.values.output)
        }
    }

    /// The text that the command prints.
    public var text: String {
        var table = TextTable([
            ("block", .left), ("channels", .right), ("processed", .right), ("hidden", .right),
            isCalibrated ? ("kind", .left) : ("selector", .right),
        ])
        for block in blocks {
            table.add([
                block.scope, "\(block.channels)", "\(block.processed)",
                block.hidden.map(String.init).joined(separator: "/"),
                block.kind.map { $0 + (block.biasRank.map { ", bias of \($0)" } ?? "") }
                    ?? block.selectorHidden.map(String.init) ?? "none",
            ])
        }
        let paragraphs = sentences.map { "- \($0.escapingControlCharacters)\n" }.joined()
        return [paragraphs, blocks.isEmpty ? "" : table.text, instructions].filter { !$0.isEmpty }
            .joined(separator: "\n")
    }

    private var isCalibrated: Bool { blocks.contains { $0.kind != nil } }

    private var instructions: String {
        guard let command else {
            return blocks.isEmpty
                ? "Its source was not a file, so no command makes it again.\n"
                : "It was built, not converted: `modconvert build` makes such files.\n"
        }
        let introduction =
            switch sourceMatches {
            case nil:
                "To make it again, byte for byte, put the source's path for SOURCE (--source FILE checks it):"
            case true?: "The source is the one. To make the file again, byte for byte:"
            case false?: "The named source is another file. With the right one for SOURCE, byte for byte:"
            }
        return "\(introduction)\n\n    \(ShellCommand(command).text.escapingControlCharacters)\n"
    }
}
