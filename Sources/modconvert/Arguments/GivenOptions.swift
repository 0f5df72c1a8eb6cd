import ArgumentParser

/// The options of a command that were given, of which each has to be taken by whoever gives it a meaning. What nobody
/// took means nothing, and the user is told so.
final class GivenOptions {
    private var options: [any GivenOptionProtocol] = []

    /// Registers an option.
    ///
    /// - Parameter value: nil if it was not given.
    func option<Value>(_ name: String, _ value: Value?) -> GivenOption<Value> {
        let option = GivenOption(name, value)
        options.append(option)
        return option
    }

    /// Registers a flag.
    func flag(_ name: String, _ isGiven: Bool) -> GivenOption<Bool> { option(name, isGiven ? true : nil) }

    /// - Parameter context: what the other options ask for, as the end of a sentence: `the calibrated recipe`.
    /// - Throws: `UsageError` that names the first option that was given and not taken.
    func requireAllTaken(by context: String) throws {
        guard let name = options.first(where: { $0.isGiven && !$0.isTaken })?.name else { return }
        throw UsageError(name, "means nothing to \(context)", remedy: "leave it out")
    }
}

private protocol GivenOptionProtocol {
    var name: String { get }
    var isGiven: Bool { get }
    var isTaken: Bool { get }
}

/// One option of a command, and whether its value was taken.
final class GivenOption<Value>: GivenOptionProtocol {
    let name: String
    private let value: Value?
    fileprivate(set) var isTaken = false

    fileprivate init(_ name: String, _ value: Value?) {
        self.name = name
        self.value = value
    }

    var isGiven: Bool { value != nil }

    /// The value, if the option was given; from now on the option has a meaning.
    func take() -> Value? {
        isTaken = true
        return value
    }

    /// The value, which whoever asks for does not give a meaning yet.
    var peek: Value? { value }
}
