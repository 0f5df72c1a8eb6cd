import Testing

@Suite struct HelpTests {
    @Test(
        "The help of every command, word for word",
        arguments: [
            "", "convert", "build", "run", "macs", "verify", "inspect", "explain", "import-weights",
            "optimize", "quantize", "diff",
            "compare",
            "bench", "profile", "evaluate", "merge", "sweep", "completions", "manual",
        ])
    func help(_ command: String) throws {
        let folder = try TemporaryFolder()
        let arguments = command.isEmpty ? ["--help"] : [command, "--help"]
        let text = try CommandLineTool.succeed(arguments, in: folder)
        try expectSnapshot(text, command.isEmpty ? "help" : "help-\(command)")
    }

    @Test func version() throws {
        let text = try CommandLineTool.succeed(["--version"], in: TemporaryFolder())
        #expect(text == "modconvert 0.2.0\n")
    }
}
