import GraphIR
import ONNXFormat
import Operators

/// Fuzzes the reader and the writer of model files.
enum ModelTarget {
    /// Far below the defaults, so that an input that asks for too much is refused in milliseconds.
    static let limits: ImportLimits = {
        var limits = ImportLimits()
        limits.nodes = 5_000
        limits.descriptionBytes = 32 << 20
        limits.unpackedTensorBytes = 32 << 20
        return limits
    }()

    static func run(_ bytes: ByteRegion) throws(FuzzTarget.Finding) {
        guard let model = try answer({ try ONNXFile.parse(bytes, folder: nil, limits: limits) }) else {
            return
        }
        _ = MACCount(model.graph)
        try reread(model)
    }

    /// Writes a model and reads it again.
    ///
    /// - Throws: `Finding` if what is written is refused or is another graph.
    static func reread(_ model: Model) throws(FuzzTarget.Finding) {
        guard let written = try answer({ ByteRegion(try ONNXFile.serialize(model)) }) else {
            throw FuzzTarget.Finding("a model that was read cannot be written")
        }
        do {
            let again = try ONNXFile.parse(written, folder: nil)
            guard again.graph.order.count == model.graph.order.count else {
                throw FuzzTarget.Finding("a model changes when it is written")
            }
        } catch let error as FuzzTarget.Finding {
            throw error
        } catch {
            throw FuzzTarget.Finding("a model that was written is refused: \(error)")
        }
    }
}
