/// The forms of `--recipe paper`: their weights are cut from the source's body, or drawn, and then trained.
public enum TrainableForm: Sendable, Equatable {
    case routedPaper(RoutedPaper)
    case fixedPaper(FixedPaper)
    case gatedHidden(GatedHidden)
    case fixedHidden(FixedHidden)

    /// The form as a `BlockForm`.
    public var form: BlockForm {
        switch self {
        case .routedPaper(let payload): payload.form
        case .fixedPaper(let payload): payload.form
        case .gatedHidden(let payload): payload.form
        case .fixedHidden(let payload): payload.form
        }
    }
}
