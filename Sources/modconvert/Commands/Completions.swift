import ArgumentParser

/// `modconvert completions`: completion scripts for shells.
struct Completions: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completions",
        abstract: "Print a shell's completion script.",
        discussion: """
            bash: save it as ~/.local/share/bash-completion/completions/modconvert; zsh: as _modconvert in a \
            folder of $fpath; fish: as ~/.config/fish/completions/modconvert.fish.
            """)

    @Argument(help: "bash, zsh or fish.")
    var shell: Shell

    func run() throws {
        try StandardOutput.write(CompletionScript.text(for: shell))
    }
}

/// The shells with completion scripts.
enum Shell: String, ExpressibleByArgument, CaseIterable {
    case bash, zsh, fish
}
