import ArgumentParser
import FoundationEssentials

/// The parser's description of all commands, `--experimental-dump-help`, as far as it is needed here.
struct CommandHelp: Decodable {
    let command: Command

    static func read() throws -> CommandHelp {
        try JSONDecoder().decode(CommandHelp.self, from: Data(ModConvert._dumpHelp().utf8))
    }

    /// The long names of all commands' options, including hidden ones, without hyphens.
    var allOptions: [String] { command.allOptions }

    struct Command: Decodable {
        let commandName: String
        let abstract: String?
        let discussion: String?
        let shouldDisplay: Bool?
        let defaultSubcommand: String?
        let subcommands: [Command]?
        let arguments: [Argument]?
    }

    struct Argument: Decodable {
        struct Name: Decodable {
            let kind: String
            let name: String

            /// `-o` or `--output`, without the first dash, which mdoc adds.
            var flag: String { kind == "long" ? "-\(name)" : name }
        }

        let kind: String
        let isOptional: Bool
        let isRepeating: Bool
        let shouldDisplay: Bool
        let names: [Name]?
        let preferredName: Name?
        let valueName: String?
        let defaultValue: String?
        let allValues: [String]?
        let abstract: String?
    }
}

extension CommandHelp.Command {
    fileprivate var allOptions: [String] {
        let own = (arguments ?? []).flatMap { $0.names ?? [] }.filter { $0.kind == "long" }.map(\.name)
        return own + (subcommands ?? []).flatMap(\.allOptions)
    }
}
