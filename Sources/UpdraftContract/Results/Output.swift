/// What a command found or made; on the wire the bare object.
public enum Output: Sendable, Equatable {
    /// Of `ping`.
    case ping(PingOutput)
    /// Of `list`.
    case list(ListOutput)
    /// Of `zones`.
    case zones(ZonesOutput)
    /// Of `regions`.
    case regions(RegionsOutput)
    /// Of `images`.
    case images(ImagesOutput)
    /// Of `create`.
    case create(CreateOutput)
    /// Of `create` as a dry run.
    case dryRun(DryRunOutput)
    /// Of `condor_status`.
    case condorStatus(CondorStatusOutput)
    /// Of `condor_q`.
    case condorQ(CondorQOutput)
    /// Of `scale`.
    case scale(ScaleOutput)
    /// Of `autoscale`.
    case autoscale(AutoscaleOutput)
    /// Of `cancel`.
    case cancel(CancelOutput)
    /// Of `freeze` and `thaw`.
    case freeze(FreezeOutput)
}

extension Output: JSONWritable {
    func write(to writer: inout JSONWriter) {
        switch self {
        case .ping(let output): output.write(to: &writer)
        case .list(let output): output.write(to: &writer)
        case .zones(let output): output.write(to: &writer)
        case .regions(let output): output.write(to: &writer)
        case .images(let output): output.write(to: &writer)
        case .create(let output): output.write(to: &writer)
        case .dryRun(let output): output.write(to: &writer)
        case .condorStatus(let output): output.write(to: &writer)
        case .condorQ(let output): output.write(to: &writer)
        case .scale(let output): output.write(to: &writer)
        case .autoscale(let output): output.write(to: &writer)
        case .cancel(let output): output.write(to: &writer)
        case .freeze(let output): output.write(to: &writer)
        }
    }

    /// Reads the output of a command; nil for commands without one.
    init?(_ value: JSONValue, command: String) {
        let output: Output? =
            switch CommandName(rawValue: command) {
            case .ping: PingOutput(value).map(Output.ping)
            case .list: ListOutput(value).map(Output.list)
            case .zones: ZonesOutput(value).map(Output.zones)
            case .regions: RegionsOutput(value).map(Output.regions)
            case .images: ImagesOutput(value).map(Output.images)
            case .create: DryRunOutput(value).map(Output.dryRun) ?? CreateOutput(value).map(Output.create)
            case .condorStatus: CondorStatusOutput(value).map(Output.condorStatus)
            case .condorQ: CondorQOutput(value).map(Output.condorQ)
            case .scale: ScaleOutput(value).map(Output.scale)
            case .autoscale: AutoscaleOutput(value).map(Output.autoscale)
            case .cancel: CancelOutput(value).map(Output.cancel)
            case .freeze, .thaw: FreezeOutput(value).map(Output.freeze)
            case .start, .stop, .reboot, .terminate, nil: nil
            }
        guard let output else { return nil }
        self = output
    }
}
