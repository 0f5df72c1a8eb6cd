import ArgumentParser
import MixtureOfDepths

/// The manual page, in the mdoc language of BSD and `man`, made from the help.
enum ManualPage {
    static func text() throws -> String {
        let tool = try CommandHelp.read().command
        let commands = (tool.subcommands ?? []).filter {
            $0.shouldDisplay ?? true && $0.commandName != "help"
        }
        var page = Page()
        page.macro("Dd", "$Mdocdate$")
        page.macro("Dt", tool.commandName.uppercased(), "1")
        page.macro("Os")
        page.section("NAME")
        page.macro("Nm", tool.commandName)
        page.macro("Nd", tool.abstract?.withoutFullStop ?? "")
        page.section("SYNOPSIS")
        for command in commands { page.synopsis(tool, command) }
        page.section("DESCRIPTION")
        page.paragraphs(tool.discussion)
        for command in commands {
            page.section("\(tool.commandName) \(command.commandName)".uppercased())
            page.paragraphs(command.abstract)
            page.paragraphs(command.discussion)
            page.options(command.arguments ?? [])
        }
        page.section("AUTHORS")
        page.paragraphs(
            "This page is made by \(ModConvertVersion.producer) \(ModConvertVersion.text) of its help.")
        return page.text
    }
}

/// An mdoc document under construction.
private struct Page {
    private(set) var text = ""

    mutating func macro(_ name: String, _ arguments: String...) {
        text += ([".\(name)"] + arguments.map(\.mdocArgument)).joined(separator: " ") + "\n"
    }

    mutating func section(_ title: String) { macro("Sh", title) }

    /// Text, with a paragraph for each of its lines.
    mutating func paragraphs(_ content: String?) {
        for line in (content ?? "").split(separator: "\n") {
            if !text.hasSuffix("\n.Sh") { text += text.endsWithSection ? "" : ".Pp\n" }
            text += line.mdocText + "\n"
        }
    }

    /// The command's name, its arguments, and a sign that it takes options.
    mutating func synopsis(_ tool: CommandHelp.Command, _ command: CommandHelp.Command) {
        macro("Nm")
        if tool.defaultSubcommand == command.commandName {
            macro("Op", "Cm", command.commandName)
        } else {
            macro("Cm", command.commandName)
        }
        let arguments = (command.arguments ?? []).filter(\.shouldDisplay)
        for argument in arguments where argument.kind == "positional" {
            macro("Ar", argument.valueName ?? "value")
        }
        if arguments.contains(where: { $0.kind != "positional" && !$0.isCommon }) {
            macro("Op", "Ar", "options")
        }
    }

    /// A list of arguments and options with their help.
    mutating func options(_ arguments: [CommandHelp.Argument]) {
        let shown = arguments.filter { !$0.isCommon }
        guard !shown.isEmpty else { return }
        macro("Bl", "-tag", "-width", "Ds")
        for argument in shown {
            text += ".It " + item(argument) + "\n"
            text += description(argument).mdocText + "\n"
        }
        macro("El")
    }

    private func item(_ argument: CommandHelp.Argument) -> String {
        let value = "Ar " + (argument.valueName ?? "value").mdocArgument
        guard let names = argument.names else { return value }
        let flags = names.map { "Fl " + $0.flag.mdocArgument }.joined(separator: " , ")
        return argument.kind == "option" ? "\(flags) \(value)" : flags
    }

    private func description(_ argument: CommandHelp.Argument) -> String {
        var parts = [argument.abstract ?? ""]
        if let values = argument.allValues { parts.append("Values: \(values.joined(separator: ", ")).") }
        if let value = argument.defaultValue { parts.append("Default: \(value).") }
        return parts.filter { !$0.isEmpty }.joined(separator: " ")
    }
}

extension CommandHelp.Argument {
    /// Whether every command has the option, so that the page does not repeat it.
    fileprivate var isCommon: Bool { ["help", "version"].contains(preferredName?.name ?? "") }
}

extension String {
    fileprivate var withoutFullStop: String { hasSuffix(".") ? String(dropLast()) : self }

    /// Whether the last line is a section's title, which starts a paragraph by itself.
    fileprivate var endsWithSection: Bool {
        split(separator: "\n").last?.hasPrefix(".Sh") ?? false
    }

    /// One argument of a macro.
    fileprivate var mdocArgument: String {
        let escaped = mdocEscaped
        return escaped.contains(" ") ? "\"\(escaped)\"" : escaped
    }

    fileprivate var mdocEscaped: String {
        replacing("\\", with: "\\e").replacing("\"", with: "\\(dq")
    }
}

extension StringProtocol {
    /// Text without macros, each sentence on a line of its own, as mdoc requires.
    fileprivate var mdocText: String {
        var text = String(self).mdocEscaped
        text.replace(/\. (?=[A-Z`])/, with: ".\n")
        return text.split(separator: "\n").map { line in
            line.hasPrefix(".") || line.hasPrefix("'") ? "\\&" + line : String(line)
        }.joined(separator: "\n")
    }
}
