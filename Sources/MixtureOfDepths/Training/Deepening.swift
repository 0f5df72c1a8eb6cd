import GraphIR
import Operators

/// Appends blocks to the stages of a network. It computes the same as before until it is trained.
///
///     last block of a stage ── Y ── [copy of a block: body, Add, activation] ── ... ── readers of Y
///
/// A new block is built like the stage's last block with an identity shortcut. It has weights of its own:
/// He-normal, except for the body's last normalisation, or convolution, which is zero. Its output is act(Y +
/// 0) = Y: act, if there is one, is a Relu or Clip that has been applied to Y already.
public struct Deepening: Sendable {
    /// The network with the new blocks.
    public let graph: Graph
    /// The number of blocks in each stage before the deepening.
    public let depths: [Int]

    /// - Parameter target: the number of blocks that each stage should have.
    /// - Throws: `DeepeningError`.
    public static func run(_ graph: Graph, to target: [Int], seed: UInt64) throws -> Deepening {
        let stages = BlockRecogniser.stages(in: graph)
        let depths = stages.map(\.blocks.count)
        guard target.count == depths.count, zip(target, depths).allSatisfy(>=), target != depths else {
            throw DeepeningError.depths(asked: target, have: depths)
        }
        guard target.allSatisfy({ $0 <= deepest }) else {
            throw DeepeningError.tooDeep(target.max() ?? 0, limit: deepest)
        }
        var edit = GraphEdit(graph)
        for (stage, depth) in zip(stages, target) where depth > stage.blocks.count {
            try append(depth - stage.blocks.count, to: stage, &edit, seed: seed)
        }
        return Deepening(graph: try ShapeInference.infer(try edit.commit()), depths: depths)
    }

    /// Larger depths are treated as mistakes.
    private static let deepest = 1024

    private static func append(
        _ count: Int, to stage: Stage, _ edit: inout GraphEdit, seed: UInt64
    ) throws {
        guard let last = stage.blocks.last,
            let model = stage.blocks.last(where: { isModel($0, in: edit.graph) })
        else { throw DeepeningError.noModel(stage: stage.index) }
        let stream = edit.graph[last.output]
        guard !stream.isCaptured, !stream.isGraphOutput else {
            throw DeepeningError.outputOfStage(stream.name)
        }
        var value = last.output
        for offset in 1...count {
            value = try copy(
                model, onto: value, scope: scope(after: last.scope, offset), &edit, seed: seed)
            edit.setType(value, stream.type)
        }
        for use in stream.uses {
            if let position = use.position { edit.setInput(use.node, position, value) }
        }
    }

    /// Whether copies of a block can pass the block's own output unchanged.
    private static func isModel(_ block: ConvBlock, in graph: Graph) -> Bool {
        block.obstacle == nil && block.shortcut == .identity
            && block.finalActivation.allSatisfy {
                graph[$0].isOperator("Relu") || graph[$0].isOperator("Clip")
            }
    }

    /// The next scope: `/layer3/layer3.5` is followed by `/layer3/layer3.6`; other scopes get an inner one.
    private static func scope(after last: String, _ offset: Int) -> String {
        let digits = last.reversed().prefix { $0.isASCII && $0.isNumber }
        let stem = last.dropLast(digits.count)
        guard let number = Int(String(digits.reversed())), !stem.isEmpty, number < Int.max - deepest else {
            return "\(last)/appended\(offset)"
        }
        return "\(stem)\(number + offset)"
    }

    private static func copy(
        _ block: ConvBlock, onto input: ValueID, scope: String, _ edit: inout GraphEdit, seed: UInt64
    ) throws -> ValueID {
        let nodes = block.body.map { edit.graph[$0] }
        let parameters = try BodyWeights.silent(
            nodes, in: edit.graph, seed: seed, stream: scope, block: block.scope)
        var values = [block.input: input]
        func path(_ node: Node) -> String {
            node.name.hasPrefix("\(block.scope)/") ? String(node.name.dropFirst(block.scope.count + 1)) : ""
        }
        func add(_ node: Node, _ inputs: [ValueID?], _ fallback: String) throws {
            let name = "\(scope)/\(path(node).isEmpty ? fallback : path(node))"
            let output = edit.uniqueName("\(name)_output_0")
            values[node.output(0) ?? block.output] = try edit.add(
                node.operatorType, inputs, output: output, name: name, attributes: node.attributes)
        }
        for (position, node) in nodes.enumerated() {
            var inputs: [ValueID?] = []
            for (index, old) in node.inputs.enumerated() {
                guard let tensor = parameters[position][index] else {
                    inputs.append(old.flatMap { values[$0] })
                    continue
                }
                let name = "\(scope)/\(node.operatorType)\(position)/\(index)"
                inputs.append(try edit.addInitializer(edit.uniqueName(name), tensor))
            }
            try add(node, inputs, "\(node.operatorType)\(position)")
        }
        let sum = edit.graph[block.closing]
        try add(sum, sum.inputs.map { $0.flatMap { values[$0] } }, "Add")
        for id in block.finalActivation {
            let node = edit.graph[id]
            // Copies share the bounds of a Clip.
            try add(node, node.inputs.map { $0.map { values[$0] ?? $0 } }, node.operatorType)
        }
        guard let output = values[block.output] else { throw DeepeningError.noModel(stage: 0) }
        return output
    }
}

/// A network that cannot be deepened as requested.
public enum DeepeningError: DiagnosableError, Equatable {
    case depths(asked: [Int], have: [Int])
    case tooDeep(Int, limit: Int)
    case noModel(stage: Int)
    case outputOfStage(String)

    public var diagnostic: Diagnostic {
        func list(_ numbers: [Int]) -> String { numbers.map(String.init).joined(separator: ",") }
        return switch self {
        case .depths(let asked, let have):
            Diagnostic(
                .usage, place: "--deepen \(list(asked))",
                problem: "the network's stages have \(list(have)) blocks, to which blocks can only be added",
                remedy: "give as many numbers, none smaller and one larger")
        case .tooDeep(let depth, let limit):
            Diagnostic(
                .usage, place: "--deepen", problem: "\(depth) blocks in a stage are more than \(limit)",
                remedy: "give smaller numbers")
        case .noModel(let stage):
            Diagnostic(
                .badData, place: "stage \(stage)",
                problem:
                    "has no block with an identity shortcut, and at most a Relu or Clip after its sum, to copy",
                remedy: "leave its depth as it is; `modconvert inspect` shows the blocks")
        case .outputOfStage(let name):
            Diagnostic(
                .badData, place: name,
                problem: "the end of a stage is an output of the model, or a subgraph's",
                remedy: "leave the stage's depth as it is")
        }
    }
}
