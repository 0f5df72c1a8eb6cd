import ArgumentParser

/// `modconvert manual`: the manual page.
struct Manual: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "manual",
        abstract: "Print the manual page.",
        discussion: "In mdoc, as `man` reads it: `modconvert manual | man -l -`.")

    func run() throws {
        try StandardOutput.write(try ManualPage.text())
    }
}
