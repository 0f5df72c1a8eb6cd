extension OperatorRegistry {
    /// Every operator, alphabetically. To add one is to add its file and its line here.
    static let all: [any Operator] = [
        Conv(),
        Gather(),
        Identity(),
        Relu(),
        ShapeOf(),
    ]
}
