import GraphIR
import MixtureOfDepths

/// A converted file's record of its own making, in sentences, and the command that repeats it.
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
    ///   - request: the request in the file's manifest.
    ///   - command: the words of the command that makes the file again.
    ///   - sourceMatches: whether the file that the user named is the source.
    public init(
        _ manifest: Manifest, _ request: ConversionRequest, file: String, command: [String]?,
        sourceMatches: Bool?
    ) {
        self.file = file
        self.command = command
        self.sourceMatches = sourceMatches
        let about = RequestSentences(manifest: manifest, request: request, file: file)
        sentences = about.all
        blocks = manifest.blocks.map { block in
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
        return [paragraphs, table.text, instructions].joined(separator: "\n")
    }

    private var isCalibrated: Bool { blocks.contains { $0.kind != nil } }

    private var instructions: String {
        guard let command else {
            return "It was built, not converted: `modconvert build` makes such files.\n"
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
