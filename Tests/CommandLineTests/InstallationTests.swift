import Foundation
import Testing

/// The files that `make install` puts beside the binary.
@Suite struct InstallationTests {
    @Test(
        "bash completes subcommands, options, their values and files, with and without a subcommand",
        arguments: [
            ("modconvert ", ["build", "convert", "inspect", "model.onnx", "verify"]),
            ("modconvert mo", ["model.onnx"]),
            ("modconvert --mod-ra", ["--mod-ratio"]),
            ("modconvert model.onnx --router ", ["topk", "fixed"]),
            ("modconvert model.onnx --repo", ["--report"]),
            ("modconvert run --fill a", ["arange"]),
            ("modconvert run model.onnx --input x", ["x.npy"]),
            ("modconvert build resnet75", ["resnet75-mod"]),
            ("modconvert completions f", ["fish"]),
        ])
    func bash(line: String, expected: [String]) throws {
        let folder = try TemporaryFolder()
        for name in ["model.onnx", "notes.txt", "x.npy"] { try folder.write(Data(), name) }
        try folder.write(Data(script("bash", in: folder).utf8), "completions.bash")
        // As readline calls the function: the line, the cursor at its end, and its words.
        let driver = """
            source completions.bash
            line='\(line)'
            COMP_LINE="${line}" COMP_POINT=${#line} COMP_WORDS=(${line})
            [[ "${line}" == *' ' ]] && COMP_WORDS+=('')
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMPREPLY=()
            $(complete -p modconvert | sed -E 's/.* -F ([^ ]+).*/\\1/') modconvert \
            "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
            printf '%s\\n' "${COMPREPLY[@]}"
            """
        let found = try shell("bash", driver, in: folder).split(separator: "\n").map(String.init)
        #expect(Set(expected).isSubset(of: Set(found)))
        #expect(!found.contains("notes.txt"))
        if expected.count == 1 { #expect(found == expected) }
    }

    @Test("Each shell reads its script without complaint", arguments: ["bash", "zsh", "fish"])
    func syntax(name: String) throws {
        let folder = try TemporaryFolder()
        let text = try script(name, in: folder)
        #expect(text.contains("explain"))
        guard ["/bin/\(name)", "/usr/bin/\(name)"].contains(where: FileManager.default.fileExists) else {
            return
        }
        try folder.write(Data(text.utf8), "script")
        #expect(try shell("bash", "\(name) -n script 2>&1", in: folder) == "")
    }

    @Test("zsh's script defines the function before it is called")
    func zshOrder() throws {
        let text = try script("zsh", in: TemporaryFolder())
        let addition = try #require(text.range(of: "_modconvert_subcommands]="))
        let call = try #require(text.range(of: #"if [[ "${funcstack[1]}" = _modconvert ]]"#))
        #expect(addition.lowerBound < call.lowerBound)
        #expect(text.hasPrefix("#compdef modconvert\n"))
    }

    @Test("The manual page has a section for each command, with all of its options")
    func manual() throws {
        let folder = try TemporaryFolder()
        let page = try CommandLineTool.succeed(["manual"], in: folder)
        #expect(page.hasPrefix(".Dd $Mdocdate$\n.Dt MODCONVERT 1\n.Os\n.Sh NAME\n.Nm modconvert\n.Nd "))
        let help = try CommandLineTool.succeed(["--help"], in: folder)
        let commands = help.matches(of: /\n {2}([a-z]+)(?: \(default\))? {2,}/).map { String($0.1) }
        #expect(commands.contains("convert") && commands.contains("explain"))
        for command in commands where command != "help" {
            #expect(page.contains(".Sh \"MODCONVERT \(command.uppercased())\"\n"))
            let options = try CommandLineTool.succeed([command, "--help"], in: folder)
                .matches(of: /\n {2}(?:-\w, )?--([a-z-]+)/).map { String($0.1) }
            for option in options where !["version", "help"].contains(option) {
                // `--verify/--no-verify` stand on one line of the help.
                #expect(page.contains("Fl -\(option)"), "\(command) --\(option)")
            }
        }
        #expect(!page.split(separator: "\n").contains { $0.hasPrefix("'") })
    }

    private func script(_ shell: String, in folder: TemporaryFolder) throws -> String {
        try CommandLineTool.succeed(["completions", shell], in: folder)
    }

    private func shell(_ name: String, _ script: String, in folder: TemporaryFolder) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/\(name)")
        process.arguments = ["-c", script]
        process.currentDirectoryURL = folder.url
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }
}
