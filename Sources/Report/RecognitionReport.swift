import GraphIR
import MixtureOfDepths

/// The MoD blocks of a file without a manifest, found by their structure.
public struct RecognitionReport: JSONDocument, Sendable {
    public static let schema = "recognition/1"

    struct Block: Encodable, Sendable {
        let scope: String
        let kind: String
        let isRouted: Bool
    }

    let producer: String
    let blocks: [Block]

    public init(_ manifest: Manifest, file: Model) {
        producer = file.producer ?? ""
        blocks = manifest.blocks.map { block in
            Block(scope: block.scope, kind: block.form.payload.summary, isRouted: block.form.isRouted)
        }
    }

    public var text: String {
        let author = producer.isEmpty ? "" : ", written by \(producer),"
        let count =
            blocks.count == 1
            ? "1 of its blocks is a MoD block" : "\(blocks.count) of its blocks are MoD blocks"
        var table = TextTable([("block", .left), ("kind", .left), ("router", .left)])
        for block in blocks { table.add([block.scope, block.kind, block.isRouted ? "topk" : "fixed"]) }
        return
            "The file\(author) has no manifest that says how it was converted. By their structure \(count):\n\n"
            + table.text
    }
}
