import ArgumentParser

/// The options that the user gave. Code that gives an option a meaning has to take it; an option that nothing
/// takes has no meaning, and the user is told so.
final class GivenOptions {
    private var options: [any GivenOptionProtocol] = []

    /// Registers an option.
    ///
    /// - Parameter value: nil if the user did not give it.
    func option<Value>(_ name: String, _ value: Value?) -> GivenOption<Value> {
        let option = GivenOption(name, value)
        options.append(option)
        return option
    }

    /// Registers a flag.
    func flag(_ name: String, _ isGiven: Bool) -> GivenOption<Bool> { option(name, isGiven ? true : nil) }

    /// - Parameter context: the request that the other options express, as the end of a sentence: `the
    ///   calibrated recipe`.
    /// - Throws: `UsageError` that names the first option that was given but not taken.
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

    /// The value, if the user gave the option; marks the option as taken.
    func take() -> Value? {
        isTaken = true
        return value
    }

    /// The value, without taking it.
    var peek: Value? { value }
}
