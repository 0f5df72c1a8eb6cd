/// The default route and router of a calibrated conversion.
///
/// A ratio asks for Mixture-of-Depths: each image chooses, between pairs of channels. A budget asks for the
/// best mixture of all forms.
///
/// | given | with a ratio | with a budget |
/// |---|---|---|
/// | nothing | channels, pairs | any, auto |
/// | `--router pairs` | channels | channels |
/// | another `--router` | hidden units | any |
/// | `--route hidden` | auto | auto |
/// | `--route channels` | pairs | auto |
public struct ReductionDefaults: Sendable {
    /// The things that are chosen, without the fusion of channels.
    public enum Route: String, Sendable, CaseIterable {
        case hidden, channels
        /// Whichever serves a budget better; no word asks for it.
        case any
    }

    /// Whether a budget, and not one ratio, decides how far blocks are reduced.
    public let isForBudget: Bool

    /// The defaults with a budget, or with a ratio.
    public init(isForBudget: Bool) { self.isForBudget = isForBudget }

    /// Route and router, from those that the user gives.
    ///
    /// - Returns: nil for pairs of hidden units, which do not exist.
    public func resolve(
        _ route: Route?, _ router: BlockReduction.RouterChoice?
    ) -> (route: Route, router: BlockReduction.RouterChoice)? {
        let router = router ?? (isForBudget || route == .hidden ? .auto : .pairs)
        if router == .pairs { return route == .hidden ? nil : (.channels, .pairs) }
        return (route ?? (isForBudget ? .any : .hidden), router)
    }

    /// The fewest words that resolve to a reduction: the values of `--router` and `--route`.
    func words(for reduction: BlockReduction) -> (router: String?, route: String?) {
        let (route, router) = (reduction.route, reduction.router)
        let tries: [(Route?, BlockReduction.RouterChoice?)] = [(nil, nil), (nil, router), (route, nil)]
        let found = tries.first { tried in
            resolve(tried.0, tried.1).map { $0 == (route, router) } ?? false
        }
        let (neededRoute, neededRouter) = found ?? (route, router)
        return (neededRouter?.rawValue, neededRoute?.rawValue)
    }
}

extension BlockReduction {
    /// The things that are chosen, without the fusion of channels.
    public var route: ReductionDefaults.Route {
        switch units {
        case .hidden: .hidden
        case .channels: .channels
        case .any: .any
        }
    }
}
