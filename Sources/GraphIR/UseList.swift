/// The places that read a value, in an arbitrary but reproducible order.
///
/// Adding and removing a place takes O(1) at any length: a long list also keeps the position of each place.
/// In a file, every node may read one value.
public struct UseList: Sendable, RandomAccessCollection, ExpressibleByArrayLiteral {
    private var places: [Use] = []
    /// The position of each place; nil while the list is short enough to search.
    private var positions: [Use: Int]?
    /// The number of places that are subgraphs which read the value by its name.
    private(set) var captureCount = 0

    /// Longer lists keep positions.
    private static let longestSearched = 32

    public init(arrayLiteral places: Use...) { append(contentsOf: places) }

    public var startIndex: Int { places.startIndex }
    public var endIndex: Int { places.endIndex }
    public subscript(position: Int) -> Use { places[position] }

    mutating func append(_ use: Use) {
        positions?[use] = places.count
        places.append(use)
        if use.position == nil { captureCount += 1 }
        guard positions == nil, places.count > UseList.longestSearched else { return }
        positions = Dictionary(
            places.enumerated().map { ($1, $0) }, uniquingKeysWith: { _, last in last })
    }

    mutating func append(contentsOf uses: some Sequence<Use>) {
        for use in uses { append(use) }
    }

    /// Removes a place, and moves the last one into its position.
    mutating func remove(_ use: Use) {
        guard let index = positions.map({ $0[use] }) ?? places.firstIndex(of: use) else { return }
        places.swapAt(index, places.count - 1)
        places.removeLast()
        if use.position == nil { captureCount -= 1 }
        positions?[use] = nil
        if index < places.count { positions?[places[index]] = index }
    }
}

extension UseList: Equatable {
    public static func == (a: UseList, b: UseList) -> Bool { a.places == b.places }
}
