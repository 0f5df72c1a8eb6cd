/// A narrower body on k of the block's channels. Some of its slots choose, for each sample, between two
/// channels: the one whose product of mean and weight norm is higher enters.
///
///     slot 0 ... p-1    channel first[i], or second[i] if its score is higher
///     slot p ... k-1    always the same channel
///
/// A slot sees no more than two channels, so constant weights can suit both; with `RoutedChannels` it may see
/// any.
public struct PairedChannels: ChannelForm, CalibratedPayload {
    /// The sizes of the body.
    public internal(set) var body: ChannelBody
    /// p, the slots that choose; at least 1.
    public let choosing: Int

    public var name: String { "paired channels" }
    public var text: String { "paired \(body.sizeText), \(choosing) choose, \(body.widthsText)\(biasText)" }
    public var summary: String { "\(name) k=\(processed) of \(channels)" }
    public var remark: String {
        "hidden \(hidden.widthsText), \(choosing) slots choose one of two channels for each image\(biasText)"
    }
    public var choices: [ChoiceSize] { [ChoiceSize(kind: .pairs, count: choosing)] }
    public var gathering: Gathering { .oneOfTwo }
    public var form: BlockForm { .pairedChannels(self) }

    /// - Parameter choosing: the slots that choose; nil for half of them, as far as channels are left for
    ///   them.
    /// - Returns: nil if no channel is left to choose.
    init?(_ body: ChannelBody, choosing: Int? = nil) {
        let most = min(body.processed, body.channels - body.processed)
        let count = choosing ?? min(max(1, body.processed / 2), most)
        guard most > 0, (1...most).contains(count) else { return nil }
        self.body = body
        self.choosing = count
    }

    public static func claims(_ record: BlockRecord) -> Bool { record.kind == "paired channels" }

    public init?(_ record: BlockRecord) {
        guard let body = ChannelBody(record), let choosing = record.choosing else { return nil }
        self.init(body, choosing: choosing)
    }

    public func complete(_ record: inout BlockRecord) {
        body.complete(&record, kind: name)
        record.choosing = choosing
    }

    public func accepts(_ choices: [ChoiceValues]) -> Bool {
        guard choices.count == 1, let pairs = choices[0].pairs, pairs.first.count == choosing,
            pairs.second.count == choosing, pairs.constant.count == processed - choosing
        else { return false }
        // No channel may have two places.
        let all = pairs.first + pairs.second + pairs.constant
        return Set(all).count == all.count && all.allSatisfy((0..<channels).contains)
    }

    public func macs(of body: BodyMACs) -> Int {
        body.count(inputs: processed, hidden: hidden, outputs: fused)
            + body.bias(biasRank, outputs: fused)
    }
}

/// The channels that the slots of a paired choice may see.
public struct ChannelPairs: Codable, Sendable, Equatable {
    /// The channel of each choosing slot by default.
    public let first: [Int]
    /// The other channel of each choosing slot, taken if its score is higher.
    public let second: [Int]
    /// The channels of the slots that do not choose.
    public let constant: [Int]

    /// Pairs of channels, and the channels that are always there.
    public init(first: [Int], second: [Int], constant: [Int]) {
        self.first = first
        self.second = second
        self.constant = constant
    }

    /// The channel of each slot, if the second one of each pair is taken or not.
    public func channels(takingSecond choice: [Bool]) -> [Int] {
        zip(choice, zip(first, second)).map { $0 ? $1.1 : $1.0 } + constant
    }

    /// Whether each pair's second channel has the higher score; `scores` are those of all channels.
    public func takesSecond(_ scores: [Double]) -> [Bool] {
        zip(first, second).map { scores[$0] < scores[$1] }
    }
}
