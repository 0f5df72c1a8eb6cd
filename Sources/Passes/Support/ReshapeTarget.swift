import GraphIR

/// The shape input of a Reshape from one shape to another.
enum ReshapeTarget {
    /// The second input of a Reshape (without `allowzero`) that turns a tensor of shape `from` into one of
    /// shape `to`: numbers, 0 for an extent that `from` has in the same place, -1 for any other.
    ///
    /// - Returns: nil if two extents would have to be -1, or if an extent of 0 would make -1 ambiguous or
    ///   change the meaning of 0.
    static func shape(from: Shape?, to: Shape) -> [Int]? {
        guard !to.dims.contains(0) else { return nil }
        let target = to.dims.enumerated().map { position, dim -> Int in
            if let value = dim.value { return value }
            guard let from, position < from.rank, dim.isKnownEqual(to: from[position]) else { return -1 }
            return 0
        }
        // A symbol that is 0 at run time makes every -1 beside it ambiguous.
        let inferred = target.count { $0 == -1 }
        return inferred == 0 || (inferred == 1 && !target.contains(0)) ? target : nil
    }
}
