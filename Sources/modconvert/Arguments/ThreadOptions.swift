import ArgumentParser
import Runtime

/// The number of threads that share the work.
struct ThreadOptions: ParsableArguments {
    @Option(help: "Threads that share the work (default: all processors). Results do not depend on it.")
    var threads: Int?

    func validate() throws {
        if let threads, !(1...1024).contains(threads) {
            throw ValidationError("--threads takes a number from 1 to 1024")
        }
    }

    var count: Int { threads ?? SessionOptions().threads }
}
