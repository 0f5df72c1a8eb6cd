import MixtureOfDepths

/// Counts the blocks of a converted network that choose for each image, those that compute the same for all
/// images, and those that are left out.
struct FormCounts: Sendable {
    let routed: Int
    let fixed: Int
    let dropped: Int

    init(_ blocks: [MoDBlock]) {
        routed = blocks.count { $0.form.isRouted }
        dropped = blocks.count { if case .dropped = $0.form { true } else { false } }
        fixed = blocks.count - routed - dropped
    }

    var all: Int { routed + fixed + dropped }

    /// `7 choose for each image, 2 compute the same for all, 1 is left out`, without the counts that are 0.
    var text: String {
        let parts = [
            (routed, "chooses for each image", "choose for each image"),
            (fixed, "computes the same for all", "compute the same for all"),
            (dropped, "is left out", "are left out"),
        ]
        return parts.filter { $0.0 > 0 }.map { "\($0.0) \($0.0 == 1 ? $0.1 : $0.2)" }.joined(separator: ", ")
    }
}
