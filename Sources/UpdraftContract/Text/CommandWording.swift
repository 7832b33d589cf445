/// The words that texts say about a command.
struct CommandWording {
    /// What is done, like “stop”.
    let verb: String
    /// What was done, like “Stopped”.
    let past: String
    /// What is under way, like “Stopping”.
    let present: String
    /// What the command works on when nothing better is known.
    let object: String

    init(_ name: CommandName) {
        switch name {
        case .ping: self.init("ping", "Pinged", "Pinging", "the worker")
        case .list: self.init("list", "Listed", "Listing", "the instances")
        case .zones: self.init("list", "Listed", "Listing", "the zones")
        case .regions: self.init("list", "Listed", "Listing", "the regions")
        case .images: self.init("list", "Listed", "Listing", "the images")
        case .start: self.init("start", "Started", "Starting", "the instances")
        case .stop: self.init("stop", "Stopped", "Stopping", "the instances")
        case .reboot: self.init("reboot", "Rebooted", "Rebooting", "the instances")
        case .create: self.init("launch", "Launched", "Launching", "the instances")
        case .condorStatus: self.init("show", "Showed", "Showing", "the machines")
        case .condorQ: self.init("show", "Showed", "Showing", "the jobs")
        case .scale: self.init("scale", "Scaled", "Scaling", "the pool")
        case .autoscale: self.init("set", "Set", "Setting", "the autoscaling")
        case .cancel: self.init("cancel", "Cancelled", "Cancelling", "the commands")
        case .freeze: self.init("freeze", "Froze", "Freezing", "the fleet")
        case .thaw: self.init("thaw", "Thawed", "Thawing", "the fleet")
        case .terminate: self.init("terminate", "Terminated", "Terminating", "the instances")
        }
    }

    private init(_ verb: String, _ past: String, _ present: String, _ object: String) {
        self.verb = verb
        self.past = past
        self.present = present
        self.object = object
    }
}
