import ArgumentParser
import GraphIR
import Report
import Runtime

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Runs a command. Only here do errors become a line on standard error and an exit code.
enum Launcher {
    static func launch(_ arguments: [String]) -> Never {
        // A reader that has seen enough ends the printing but not the work; see `StandardOutput`.
        signal(SIGPIPE, SIG_IGN)
        Session.prepareProcess()
        do {
            if let misspelling = Misspelling.command(arguments) { throw misspelling }
            // Without arguments, the help shows the commands.
            var command = try ModConvert.parseAsRoot(arguments.isEmpty ? ["--help"] : arguments)
            try command.run()
            exit(0)
        } catch {
            exit(report(error, arguments))
        }
    }

    /// Reports the error and returns the exit code.
    private static func report(_ error: any Error, _ arguments: [String]) -> Int32 {
        if let error = error as? any DiagnosableError { return fail(error.diagnostic, arguments) }
        switch ModConvert.exitCode(for: error) {
        case .success:
            // The parser treats help and version as errors.
            do {
                try StandardOutput.write(ModConvert.fullMessage(for: error) + "\n")
                return 0
            } catch {
                return fail(error.diagnostic, arguments)
            }
        case .validationFailure:
            var problem = ModConvert.message(for: error).onOneLine
            // The parser suggests the nearest spelling: --batch for --ratio, which is as near as its length.
            if problem.hasPrefix("Unknown option"), let option = Misspelling.option(arguments) {
                let end = problem.firstRange(of: ". Did you mean")?.lowerBound ?? problem.endIndex
                problem = "\(problem[..<end]). Did you mean '\(option)'?"
            }
            let advice = (problem.hasSuffix("?") ? " See" : "; see") + " `\(helpCommand(arguments))`"
            let line = problem.abbreviated(to: Diagnostic.longestLine - advice.count) + advice
            return fail(Diagnostic(.usage, problem: line), arguments)
        default:
            let line = "\(error)".onOneLine.abbreviated(to: Diagnostic.longestLine)
            return fail(Diagnostic(.badData, problem: line), arguments)
        }
    }

    private static func fail(_ diagnostic: Diagnostic, _ arguments: [String]) -> Int32 {
        let code = diagnostic.category.exitCode
        var diagnostic = diagnostic
        if diagnostic.file?.hasPrefix("/proc/self/fd/") == true { diagnostic.file = "standard input" }
        StandardError.write("modconvert: error: \(diagnostic.line)\n")
        JSONDestination(in: arguments)?.write(error: ErrorReport(diagnostic, exitCode: code))
        return code
    }

    private static func helpCommand(_ arguments: [String]) -> String {
        let names = ModConvert.configuration.subcommands.compactMap { $0.configuration.commandName }
        let subcommand = arguments.first { names.contains($0) }
        return ["modconvert", subcommand, "--help"].compactMap { $0 }.joined(separator: " ")
    }
}

extension Diagnostic.Category {
    /// The exit code, after sysexits.h.
    var exitCode: Int32 {
        switch self {
        case .checkFailed: 1
        case .usage: 64
        case .badData: 65
        case .noInput: 66
        case .cannotCreate: 73
        case .writeFailed: 74
        }
    }
}

extension String {
    /// The lines joined by spaces, without a full stop at the end.
    fileprivate var onOneLine: String {
        let line = split(whereSeparator: \.isNewline).joined(separator: " ")
        return (line.hasSuffix(".") ? String(line.dropLast()) : line).escapingControlCharacters
    }
}
