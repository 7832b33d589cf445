/// A command's name and arguments.
public enum Arguments: Sendable, Equatable {
    /// Asks a worker for a sign of life.
    case ping
    /// Lists the availability zones.
    case zones
    /// Lists the regions.
    case regions
    /// Lists instances.
    case list(ListArguments)
    /// Lists machine images.
    case images(ImagesArguments)
    /// Starts instances.
    case start(StartArguments)
    /// Stops instances.
    case stop(StopArguments)
    /// Reboots instances.
    case reboot(RebootArguments)
    /// Terminates instances.
    case terminate(TerminateArguments)
    /// Launches instances.
    case create(CreateArguments)
    /// Shows the machines of a pool.
    case condorStatus(CondorQuery)
    /// Shows the jobs of a pool.
    case condorQ(CondorQuery)
    /// Brings the nodes of a pool to what its jobs ask for.
    case scale(ScaleArguments)
    /// Has decisions about a pool made by themselves, or not.
    case autoscale(AutoscaleArguments)
    /// Calls commands off.
    case cancel(CancelArguments)
    /// Refuses commands with effects until thawed.
    case freeze(FreezeArguments)
    /// Ends a freeze.
    case thaw

    /// The command these are arguments of.
    public var command: CommandName {
        switch self {
        case .ping: .ping
        case .zones: .zones
        case .regions: .regions
        case .list: .list
        case .images: .images
        case .start: .start
        case .stop: .stop
        case .reboot: .reboot
        case .terminate: .terminate
        case .create: .create
        case .condorStatus: .condorStatus
        case .condorQ: .condorQ
        case .scale: .scale
        case .autoscale: .autoscale
        case .cancel: .cancel
        case .freeze: .freeze
        case .thaw: .thaw
        }
    }

    /// The instances a command is for; nil for commands that name none.
    public var selection: InstanceSelection? {
        switch self {
        case .start(let arguments): arguments.selection
        case .stop(let arguments): arguments.selection
        case .reboot(let arguments): arguments.selection
        case .terminate(let arguments): arguments.selection
        case .ping, .zones, .regions, .list, .images, .create, .condorStatus, .condorQ, .scale, .autoscale, .cancel,
            .freeze, .thaw:
            nil
        }
    }

    /// The pool a command is for; nil for commands that name none.
    public var pool: String? {
        switch self {
        case .condorStatus(let query), .condorQ(let query): query.pool
        case .scale(let arguments): arguments.pool
        case .autoscale(let arguments): arguments.pool
        case .create(let arguments): arguments.pool
        case .ping, .zones, .regions, .list, .images, .start, .stop, .reboot, .terminate, .cancel, .freeze, .thaw: nil
        }
    }
}

extension Arguments: JSONWritable {
    /// Whether all are defaults.
    var isEmpty: Bool {
        switch self {
        case .ping, .zones, .regions, .thaw: true
        case .list(let arguments): arguments == ListArguments()
        case .images(let arguments): arguments == ImagesArguments()
        case .freeze(let arguments): arguments == FreezeArguments()
        case .start, .stop, .reboot, .terminate, .create, .condorStatus, .condorQ, .scale, .autoscale, .cancel: false
        }
    }

    func write(to writer: inout JSONWriter) {
        switch self {
        case .ping, .zones, .regions, .thaw: writer.object { _ in }
        case .list(let arguments): arguments.write(to: &writer)
        case .images(let arguments): arguments.write(to: &writer)
        case .start(let arguments): arguments.write(to: &writer)
        case .stop(let arguments): arguments.write(to: &writer)
        case .reboot(let arguments): arguments.write(to: &writer)
        case .terminate(let arguments): arguments.write(to: &writer)
        case .create(let arguments): arguments.write(to: &writer)
        case .condorStatus(let query), .condorQ(let query): query.write(to: &writer)
        case .scale(let arguments): arguments.write(to: &writer)
        case .autoscale(let arguments): arguments.write(to: &writer)
        case .cancel(let arguments): arguments.write(to: &writer)
        case .freeze(let arguments): arguments.write(to: &writer)
        }
    }
}

extension Arguments {
    /// Reads arguments that passed the command's schema.
    init?(_ command: CommandName, _ value: JSONValue) {
        let arguments: Arguments? =
            switch command {
            case .ping: .ping
            case .zones: .zones
            case .regions: .regions
            case .list: ListArguments(value).map(Arguments.list)
            case .images: ImagesArguments(value).map(Arguments.images)
            case .start: StartArguments(value).map(Arguments.start)
            case .stop: StopArguments(value).map(Arguments.stop)
            case .reboot: RebootArguments(value).map(Arguments.reboot)
            case .terminate: TerminateArguments(value).map(Arguments.terminate)
            case .create: CreateArguments(value).map(Arguments.create)
            case .condorStatus: CondorQuery(value).map(Arguments.condorStatus)
            case .condorQ: CondorQuery(value).map(Arguments.condorQ)
            case .scale: ScaleArguments(value).map(Arguments.scale)
            case .autoscale: AutoscaleArguments(value).map(Arguments.autoscale)
            case .cancel: CancelArguments(value).map(Arguments.cancel)
            case .freeze: FreezeArguments(value).map(Arguments.freeze)
            case .thaw: .thaw
            }
        guard let arguments else { return nil }
        self = arguments
    }
}
