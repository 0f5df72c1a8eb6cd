import Foundation
import FuzzTargets

/// A broken or hostile file, the command that is given it, and what must come of it.
struct BadFile: Sendable {
    enum Command: Sendable {
        /// Converts `model.onnx` without verifying.
        case convert
        /// Runs `model.onnx` on made-up inputs.
        case run
        /// Runs a good model on the tensor file of this name.
        case input(String)
        case inspect
        /// Verifies `model.onnx` as what became of `source.onnx`.
        case verify
    }

    enum Expectation: Sendable {
        /// Exit code 65 or 66.
        case refused
        /// The same, or a check that failed: 1.
        case refusedOrFailed
        /// The same, or an answer.
        case handledOrFailed
        /// An answer is right as well: the change may mean something, or nothing.
        case handled
        /// The file is odd, but means something.
        case answered
    }

    let category: String
    let name: String
    let command: Command
    let expectation: Expectation
    /// Places the file in the folder that the command runs in.
    let place: @Sendable (URL) throws -> Void

    init(
        _ category: String, _ name: String, command: Command = .convert,
        _ expectation: Expectation = .refused,
        place: @escaping @Sendable (URL) throws -> Void
    ) {
        self.category = category
        self.name = name
        self.command = command
        self.expectation = expectation
        self.place = place
    }

    /// A model file of these bytes.
    init(
        _ category: String, _ name: String, command: Command = .convert, _ expectation: Expectation,
        _ bytes: [UInt8]
    ) {
        self.init(category, name, command: command, expectation) {
            try Data(bytes).write(to: $0.appending(path: "model.onnx"))
        }
    }

    /// A model file of these bytes, which must be refused.
    init(_ category: String, _ name: String, command: Command = .convert, _ bytes: [UInt8]) {
        self.init(category, name, command: command, .refused, bytes)
    }

    var arguments: [String] {
        switch command {
        case .convert:
            [
                "convert", "model.onnx", "--mod-ratio", "0.5", "--recipe", "paper", "--no-verify", "-o",
                "output.onnx",
            ]
        case .run: ["run", "model.onnx", "--fill", "random", "-o", "output.npz"]
        case .input(let name): ["run", "good.onnx", "--input", name, "-o", "output.npz"]
        case .inspect: ["inspect", "model.onnx"]
        case .verify: ["verify", "source.onnx", "model.onnx"]
        }
    }

    static let all: [BadFile] = [
        bytes, graphs, names, versions, types, tensors, attributes, shapes, claims, nesting, functions,
        externalData, kinds, tensorFiles, manifests,
    ].flatMap(\.self)
}
