import ArgumentParser
import FoundationEssentials
import UpdraftContract

struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "create", abstract: CommandName.create.summary)

    @Option(help: "The pool that they become nodes of; what is not given is as the workers' configuration says.")
    var pool: String?

    @Option(help: "The machine image, like ami-0825246f21ab11a8c.")
    var image: String?

    @Option(help: "The launch template, by id or name; a version follows after a colon.")
    var launchTemplate: String?

    @Option(name: .customLong("type"), help: "An instance type to try. May be repeated, the preferred first.")
    var types: [String] = []

    @Option(help: "How many instances, 1 to 1000; all or none.")
    var count = 1

    @Option(name: .customLong("subnet"), help: "A subnet to try. May be repeated, the preferred first.")
    var subnets: [String] = []

    @Option(name: .customLong("security-group"), help: "A security group. May be repeated.")
    var securityGroups: [String] = []

    @Option(help: "The key pair for SSH.")
    var keyName: String?

    @Flag(help: "Pay the price of the spot market; EC2 may take the instances back.")
    var spot = false

    @Option(name: .customLong("tag"), help: ArgumentHelp("A tag. May be repeated.", valueName: "key=value"))
    var tags: [String] = []

    @Option(help: ArgumentHelp("What the instances run at first boot; at most 16 KiB.", valueName: "file"))
    var userData: String?

    @Option(help: "What to wait for: running, or joined for nodes of a pool.")
    var wait: CreateWait = .running

    @Flag(help: "Answer as soon as they are launched.")
    var noWait = false

    @OptionGroup(title: "Common options")
    var options: CommandOptions

    func validate() throws {
        guard [self.pool, self.image, self.launchTemplate].count(where: { $0 != nil }) == 1 else {
            throw ValidationError("Give --pool, --image or --launch-template; one of them.")
        }
    }

    func run() async throws {
        let arguments = CreateArguments(
            pool: self.pool,
            imageID: self.image,
            launchTemplate: self.launchTemplate.map(Self.template),
            instanceTypes: self.types,
            count: self.count,
            subnetIDs: self.subnets,
            securityGroupIDs: self.securityGroups,
            keyName: self.keyName,
            market: self.spot ? .spot : .onDemand,
            tags: try self.parsedTags(),
            userData: try self.userData.map(Self.text),
            wait: self.noWait ? .none : self.wait
        )
        try await self.options.run(.create(arguments), waits: !self.noWait)
    }

    private static func template(_ text: String) -> LaunchTemplate {
        let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
        let name = parts.first ?? text
        return LaunchTemplate(
            name.hasPrefix("lt-") ? .id(name) : .name(name),
            version: parts.count > 1 ? parts[1] : nil
        )
    }

    private static func text(of file: String) throws -> String {
        guard let data = FileManager.default.contents(atPath: file) else {
            throw ExitStatus.wrongUsage("--user-data: there is no readable file '\(file)'.")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw ExitStatus.wrongUsage("--user-data: '\(file)' is not UTF-8 text.")
        }
        return text
    }

    private func parsedTags() throws -> [String: String] {
        var tags: [String: String] = [:]
        for tag in self.tags {
            guard let equals = tag.firstIndex(of: "="), equals != tag.startIndex else {
                throw ExitStatus.wrongUsage("--tag expects KEY=VALUE, got '\(tag)'.")
            }
            let key = String(tag[..<equals])
            guard tags.updateValue(String(tag[tag.index(after: equals)...]), forKey: key) == nil else {
                throw ExitStatus.wrongUsage("--tag names '\(key)' twice.")
            }
        }
        return tags
    }
}
