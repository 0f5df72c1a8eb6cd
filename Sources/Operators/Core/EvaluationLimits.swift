import GraphIR

extension OperatorContext {
    /// The most elements of a tensor that evaluation makes: 2 GiB of the doubles that it computes with.
    public static let maximumElements = 1 << 28

    /// The number of elements of a result, checked before anything is allocated for it.
    ///
    /// - Throws: `OperatorError.shape` if an extent is negative or there are more than `maximumElements`.
    @discardableResult
    func checkedCount(_ shape: [Int]) throws(OperatorError) -> Int {
        guard let count = Shape.elementCount(of: shape), count <= OperatorContext.maximumElements else {
            throw error(.shape, "a result of shape \(shape) is too large")
        }
        return count
    }
}
