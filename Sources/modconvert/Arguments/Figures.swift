import ArgumentParser
import TensorFiles

/// A number such as `0.5` or `1/255`.
struct Figure: ExpressibleByArgument {
    let value: Double

    init?(argument: String) {
        let parts = argument.split(separator: "/", omittingEmptySubsequences: false).map { Double($0) }
        switch parts.count {
        case 1:
            guard let only = parts[0], only.isFinite else { return nil }
            value = only
        case 2:
            guard let numerator = parts[0], let denominator = parts[1] else { return nil }
            let quotient = numerator / denominator
            guard quotient.isFinite else { return nil }
            value = quotient
        default: return nil
        }
    }
}

/// Numbers such as `0.485,0.456,0.406`.
struct FigureList: ExpressibleByArgument {
    let values: [Double]

    init?(argument: String) {
        let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
        values = parts.compactMap { Figure(argument: String($0))?.value }
        guard values.count == parts.count else { return nil }
    }
}

/// An image's size such as `224` or `480x640`.
struct ImageSize: ExpressibleByArgument {
    let value: ImagePreprocessing.Size

    init?(argument: String) {
        let parts = argument.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
        guard (1...2).contains(parts.count), let height = parts[0], let width = parts[parts.count - 1],
            height > 0, width > 0
        else { return nil }
        value = ImagePreprocessing.Size(height: height, width: width)
    }
}
