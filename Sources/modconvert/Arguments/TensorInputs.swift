import GraphIR
import TensorFiles

/// The files that `--input` names, matched with a model's inputs.
enum TensorInputs {
    /// Reads `FILE` and `NAME=FILE` arguments.
    ///
    /// A tensor goes to the input that the argument names, else to the input of the name that its file gives
    /// it, else to the first input, in the model's order, that has none yet.
    ///
    /// - Throws: `UsageError` for names that the model does not have and tensors that are one too many; what
    ///   reading a file throws.
    static func read(_ arguments: [String], for graph: Graph) throws -> [String: Tensor] {
        let names = graph.inputs.filter { graph[$0].initializer == nil }.map { graph[$0].name }
        let known = Set(graph.inputs.map { graph[$0].name })
        var inputs: [String: Tensor] = [:]
        for argument in arguments {
            let (name, path) = split(argument, known)
            for entry in try TensorFile.read(path: path) {
                let free = names.first { inputs[$0] == nil }
                let fileName = entry.name.flatMap { known.contains($0) ? $0 : nil }
                guard let target = name ?? fileName ?? free else {
                    throw UsageError(
                        "--input \(argument)", "the model has \(names.count) inputs, this tensor is one more",
                        remedy: "name the input, as in --input NAME=FILE")
                }
                guard known.contains(target) else {
                    throw UsageError(
                        "--input \(argument)", "the model has no input \"\(target)\"",
                        remedy: "name one of: \(names.joined(separator: ", "))")
                }
                guard inputs.updateValue(entry.tensor, forKey: target) == nil else {
                    throw UsageError(
                        "--input \(argument)", "input \"\(target)\" is given twice",
                        remedy: "give each input one tensor")
                }
            }
        }
        return inputs
    }

    /// `NAME=FILE`, where names may hold equals signs themselves: the longest known name counts.
    private static func split(_ argument: String, _ known: Set<String>) -> (name: String?, path: String) {
        let places = argument.indices.filter { argument[$0] == "=" }
        guard let first = places.first else { return (nil, argument) }
        let place = places.last { known.contains(String(argument[..<$0])) } ?? first
        return (String(argument[..<place]), String(argument[argument.index(after: place)...]))
    }
}
