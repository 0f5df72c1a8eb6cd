/// The places that read a value, in no particular order but always in the same one.
///
/// Adding and removing a place takes O(1) however many there are: a list that grows long keeps the position of each
/// place beside it. A file may have one value that every node reads.
public struct UseList: Sendable, RandomAccessCollection, ExpressibleByArrayLiteral {
    private var places: [Use] = []
    /// Where each place stands; nil while the list is short enough to be searched.
    private var positions: [Use: Int]?
    /// How many of the places are subgraphs that read the value by its name.
    private(set) var captureCount = 0

    /// A longer list keeps positions.
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

    /// Removes a place, and puts the last one where it stood.
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
