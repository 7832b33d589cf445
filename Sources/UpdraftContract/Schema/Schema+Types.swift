extension Schema {
    // MARK: - Strings

    static func string(_ length: ClosedRange<Int> = 0...Int.max, _ summary: String? = nil) -> Schema {
        Schema(.string(StringRule(length)), summary)
    }

    static func string(_ syntax: StringSyntax, _ summary: String? = nil, examples: [JSONValue] = []) -> Schema {
        Schema(.string(StringRule(syntax: syntax)), summary, examples: examples)
    }

    static func oneOf(_ values: [JSONValue], _ summary: String? = nil, default value: JSONValue? = nil) -> Schema {
        Schema(.oneOf(values), summary, default: value)
    }

    static func oneOf(_ names: [String], _ summary: String? = nil, default value: String? = nil) -> Schema {
        Schema(.oneOf(names.map(JSONValue.string)), summary, default: value.map(JSONValue.string))
    }

    static func flag(_ summary: String, default value: Bool) -> Schema {
        Schema(.boolean, summary, default: .bool(value))
    }

    static func list(
        _ element: Schema,
        _ count: ClosedRange<Int> = 0...Int.max,
        unique: Bool = false,
        _ summary: String? = nil
    ) -> Schema {
        Schema(.array(element, count: count, unique: unique), summary)
    }

    // MARK: - Commands

    /// The `id` of a command.
    static let id = string(1...128, "What the sender calls this command; with the sender's user it is its identity.")

    private static let instanceIDs = list(
        string(.instanceID, examples: ["i-0d61aa9f733857194"]),
        1...1000,
        unique: true,
        "The instances, each once."
    )

    /// EC2's limits: 50 filters, 200 values each (API reference, DescribeInstances, Filter.N).
    private static let filter = Schema(
        .map(names: string(1...255), values: list(string(0...255), 1...200), count: 1...50),
        "EC2's own filters, name → accepted values.",
        examples: [["tag:Role": ["execute"], "instance-state-name": ["running"]]]
    )

    private static let maximumItems = Schema(
        .integer(1...1000),
        "How many instances the filter may match; more, and nothing is done.",
        default: .integer(Int64(InstanceSelection.defaultMaximumItems))
    )

    static func limit(default value: Int) -> Schema {
        Schema(.integer(1...1000), "How many a page holds.", default: .integer(Int64(value)))
    }

    static let page = string(1...4096, "Where to go on: the next_page of the page before.")

    private static let ifBusy = oneOf(
        IfBusy.allCases.map(\.rawValue),
        "What to do with members of a pool that run jobs.",
        default: IfBusy.refuse.rawValue
    )

    /// The schema of a command's `arguments`.
    static func arguments(of command: CommandName) -> Schema {
        switch command {
        case .ping, .zones, .regions, .thaw:
            Schema(.object(ObjectRule([], rejectsUnknown: true)), "No arguments.")
        case .list:
            Schema(
                .object(
                    ObjectRule(
                        [
                            .optional("instance_ids", self.instanceIDs), .optional("filter", self.filter),
                            .optional("limit", self.limit(default: ListArguments.defaultLimit)),
                            .optional("page", self.page),
                        ],
                        rejectsUnknown: true
                    )
                ),
                "Which instances to list; all by default."
            )
        case .images:
            Schema(
                .object(
                    ObjectRule(
                        [
                            .optional(
                                "names",
                                self.list(self.string(1...128), 1...200, "Names; * and ? are wildcards.")
                            ),
                            .optional(
                                "owners",
                                Schema(
                                    .array(self.string(.owner), count: 1...200, unique: false),
                                    "Whose images.",
                                    default: ["self"]
                                )
                            ),
                            .optional("limit", self.limit(default: ImagesArguments.defaultLimit)),
                            .optional("page", self.page),
                        ],
                        rejectsUnknown: true
                    )
                ),
                "Which images to list; those of the account by default."
            )
        case .start: self.action(wait: true, [])
        case .stop:
            self.action(
                wait: true,
                [
                    .optional("force", self.flag("Skip the shutdown of the operating system.", default: false)),
                    .optional("hibernate", self.flag("Save the memory to disk.", default: false)),
                    .optional("if_busy", self.ifBusy),
                ]
            )
        case .reboot: self.action(wait: false, [.optional("if_busy", self.ifBusy)])
        case .terminate:
            self.action(
                wait: false,
                [
                    .optional("force", self.flag("Skip the shutdown of the operating system.", default: false)),
                    .optional("if_busy", self.ifBusy),
                ]
            )
        case .create: self.createArguments
        case .condorStatus, .condorQ: self.condorQuery
        case .scale: self.scaleArguments
        case .autoscale: self.autoscaleArguments
        case .cancel: self.cancelTarget(rejectsUnknown: true, "What to call off: one command, or a batch.")
        case .freeze:
            Schema(
                .object(
                    ObjectRule(
                        [.optional("reason", self.string(1...500, "Why; whoever is refused reads it."))],
                        rejectsUnknown: true
                    )
                ),
                "Why, if there is something to say."
            )
        }
    }

    /// A command of the sender's by its id, or a batch of the sender's.
    private static func cancelTarget(rejectsUnknown: Bool, _ summary: String) -> Schema {
        Schema(
            .object(
                ObjectRule(
                    [
                        .optional("id", self.string(1...128, "The sender's command with this id, for good.")),
                        .optional(
                            "batch",
                            self.string(1...256, "The sender's commands of this batch that were sent before.")
                        ),
                    ],
                    rejectsUnknown: rejectsUnknown,
                    exactlyOne: ["id", "batch"]
                )
            ),
            summary
        )
    }

    private static func action(wait: Bool, _ options: [ObjectRule.Property]) -> Schema {
        Schema(
            .object(
                ObjectRule(
                    [
                        .optional("instance_ids", self.instanceIDs), .optional("filter", self.filter),
                        .optional("max_items", self.maximumItems),
                        .optional("wait", self.flag("Answer when it is done; at most 10 minutes.", default: wait)),
                    ] + options,
                    rejectsUnknown: true,
                    exactlyOne: ["instance_ids", "filter"],
                    needs: [.init("max_items", with: "filter")]
                )
            ),
            "The instances, by id or by filter."
        )
    }

    private static let createArguments = Schema(
        .object(
            ObjectRule(
                [
                    .optional("pool", poolName),
                    .optional("image_id", string(.imageID, examples: ["ami-0825246f21ab11a8c"])),
                    .optional("launch_template", launchTemplate),
                    .optional(
                        "instance_types",
                        list(
                            string(.instanceType, examples: ["t2.micro"]),
                            1...40,
                            unique: true,
                            "The preferred first."
                        )
                    ),
                    .optional("count", Schema(.integer(1...1000), "How many instances; all or none.", default: 1)),
                    .optional("subnet_ids", list(string(.subnetID), 1...20, unique: true, "The preferred first.")),
                    .optional("security_group_ids", list(string(.securityGroupID), 1...16, unique: true)),
                    .optional("key_name", string(1...255, "The key pair for SSH.")),
                    .optional("market", oneOf(Market.allCases.map(\.rawValue), "How to pay.", default: "on_demand")),
                    .optional("tags", tags),
                    .optional(
                        "user_data",
                        Schema(
                            .string(StringRule(0...16384, maximumBytes: 16384)),
                            "What the instances run at first boot, as plain text; at most 16 KiB."
                        )
                    ),
                    .optional(
                        "wait",
                        oneOf(
                            ["running", "joined", true, false] as [JSONValue],
                            "What to wait for; true means running.",
                            default: "running"
                        )
                    ),
                ],
                rejectsUnknown: true,
                exactlyOne: ["pool", "image_id", "launch_template"],
                needs: [.init("wait", is: "joined", with: "pool")]
            )
        ),
        "What to launch."
    )

    private static let launchTemplate = Schema(
        .object(
            ObjectRule(
                [
                    .optional("id", string(.launchTemplateID)), .optional("name", string(3...125)),
                    .optional("version", string(.launchTemplateVersion)),
                ],
                rejectsUnknown: true,
                exactlyOne: ["id", "name"]
            )
        ),
        "A launch template, by id or by name."
    )

    /// EC2's limits for tags: 50 per resource, keys of 128 characters, values of 256 (User Guide, Tag restrictions).
    private static let tags = Schema(
        .map(
            names: Schema(.string(StringRule(1...128, syntax: .tagKey))),
            values: string(0...256),
            count: 0...50
        ),
        "Tags of the instances."
    )

    private static func envelope(_ command: Schema, _ arguments: Schema?, isRequired: Bool) -> ObjectRule {
        ObjectRule(
            [
                .required("command", command),
                .optional("id", self.id),
                .init(name: "arguments", schema: arguments ?? Schema(.any), isRequired: isRequired),
                .optional("region", self.string(.region, "Where; the worker's own region by default.")),
                .optional("deadline", self.string(.dateTime, "When the answer is of no more use.")),
                .optional("batch", self.string(0...256, "The batch it belongs to; recorded, never trusted.")),
                .optional("requested_by", self.string(0...256, "For whom the sender asks; recorded, never trusted.")),
                .optional("dry_run", self.flag("Only say what would happen.", default: false)),
                .optional("progress", self.flag("Send progress messages on the way.", default: false)),
            ]
        )
    }

    /// The schema of one command, envelope included.
    public static func command(_ name: CommandName) -> Schema { Self.commands[name] ?? Self.commandEnvelope }

    private static let commands = Dictionary(
        uniqueKeysWithValues: CommandName.allCases.map { name in
            let arguments = Self.arguments(of: name)
            return (
                name,
                Schema(
                    .object(
                        Self.envelope(
                            Self.oneOf([name.rawValue]),
                            arguments,
                            isRequired: !arguments.accepts(.object([:]))
                        )
                    ),
                    name.summary
                )
            )
        }
    )

    /// The envelope alone, for messages whose command is unknown.
    static let commandEnvelope = Schema(.object(Self.envelope(Self.string(), nil, isRequired: false)))

    // MARK: - Results

    /// A time in a result.
    static let time = string(.dateTime)

    static let nullableString = Schema(.nullable(string()))

    /// The schema of a problem.
    public static let problem = Schema(
        .object(
            ObjectRule(
                [
                    .required("type", string(.problemType, "The kind of problem as a URI (RFC 9457).")),
                    .required("title", string(0...Int.max, "The kind of problem in words.")),
                    .required("detail", string(0...Int.max, "What happened this time and what to do next.")),
                    .required(
                        "code",
                        Schema(
                            .string(StringRule(1...64, syntax: .problemCode)),
                            "The kind of problem; programs decide by it. New codes may come.",
                            examples: ProblemCode.all.map { .string($0.rawValue) }
                        )
                    ),
                    .required(
                        "retryable",
                        Schema(.boolean, "Whether the same command may succeed later without a change.")
                    ),
                    .optional("aws", aws),
                    .optional("errors", list(pointerError, 0...1000, "All errors of an invalid message.")),
                ]
            )
        ),
        "A problem in the form of RFC 9457, with a stable code."
    )

    private static let aws = Schema(
        .object(
            ObjectRule(
                [
                    .required("service", string()), .required("operation", string()), .required("code", string()),
                    .optional("request_id", string()),
                ]
            )
        ),
        "What AWS said."
    )

    private static let pointerError = Schema(
        .object(
            ObjectRule(
                [
                    .required("pointer", string(0...Int.max, "A JSON Pointer (RFC 6901).")),
                    .required("detail", string()),
                ]
            )
        )
    )

    private static let item = Schema(
        .object(
            ObjectRule(
                [
                    .required("instance_id", string()),
                    .required("status", oneOf(Item.Status.allCases.map(\.rawValue))),
                    .optional("previous_state", string()),
                    .optional("state", string()),
                    .optional("error", Schema(.named("problem", problem))),
                    .optional("would_change", Schema(.boolean, "In a dry run, whether anything would change.")),
                    .optional("would_become", string(0...Int.max, "In a dry run, the state it would come to.")),
                ]
            )
        ),
        "What became of one instance."
    )

    private static let instance = Schema(
        .object(
            ObjectRule(
                [
                    .required("id", string()), .required("image_id", nullableString),
                    .required("type", nullableString), .required("state", string()),
                    .required("monitoring", nullableString), .required("private_ip", nullableString),
                    .required("public_ip", nullableString), .required("private_dns", nullableString),
                    .required("zone", nullableString), .required("launch_time", Schema(.nullable(time))),
                    .required("name", nullableString),
                    .required("tags", Schema(.map(names: string(), values: string(), count: 0...1000))),
                ]
            )
        ),
        "An EC2 instance."
    )

    private static let image = Schema(
        .object(
            ObjectRule(
                [
                    .required("id", string()), .required("name", nullableString), .required("owner", nullableString),
                    .required("state", nullableString), .required("creation_date", Schema(.nullable(time))),
                ]
            )
        ),
        "A machine image."
    )

    /// The schema of a freeze.
    static let freeze = Schema(
        .object(
            ObjectRule(
                [
                    .required("by", Schema(.nullable(string()), "The broker-validated sender.")),
                    .optional("requested_by", string(0...256, "For whom the sender asked; never trusted.")),
                    .required("at", string(.dateTime, "Since when.")),
                    .required("reason", Schema(.nullable(string(0...500)), "Why.")),
                ]
            )
        ),
        "Who froze the fleet, when and why."
    )

    private static let cancelledCommand = Schema(
        .object(
            ObjectRule(
                [
                    .required("id", string()),
                    .required("command", Schema(.nullable(string()), "The command's name, as far as it is known.")),
                    .required(
                        "progress",
                        oneOf(
                            CancelOutput.Progress.allCases.map(\.rawValue),
                            "How far it had come when the cancel met it."
                        )
                    ),
                    .optional("status", oneOf(Status.allCases.map(\.rawValue), "How it had ended, when finished.")),
                    .optional("finished_at", string(.dateTime, "When it had ended, when finished.")),
                ]
            )
        ),
        "A command that the cancel met."
    )

    static let nextPage = Schema(
        .nullable(string()),
        "The page argument that gets the next page; null on the last."
    )

    /// The schema of a command's `output`, nil for commands without one.
    static func output(of command: CommandName) -> Schema? {
        switch command {
        case .ping:
            Schema(
                .object(
                    ObjectRule(
                        [
                            .required("worker", self.string()), .required("version", self.string()),
                            .required("broker", self.string()), .required("guarantees", self.list(self.string())),
                            .required("uptime", Schema(.integer(0...Int.max), "In seconds.")),
                        ]
                    )
                )
            )
        case .list:
            Schema(
                .object(
                    ObjectRule(
                        [
                            .required("instances", self.list(Schema(.named("instance", self.instance)))),
                            .required("next_page", self.nextPage),
                        ]
                    )
                )
            )
        case .images:
            Schema(
                .object(
                    ObjectRule(
                        [
                            .required("images", self.list(Schema(.named("image", self.image)))),
                            .required("next_page", self.nextPage),
                        ]
                    )
                )
            )
        case .zones:
            Schema(
                .object(
                    ObjectRule(
                        [
                            .required(
                                "zones",
                                self.list(
                                    Schema(
                                        .object(
                                            ObjectRule(
                                                [
                                                    .required("id", self.string()), .required("region", self.string()),
                                                    .required("name", self.string()),
                                                ]
                                            )
                                        )
                                    )
                                )
                            )
                        ]
                    )
                )
            )
        case .regions:
            Schema(
                .object(
                    ObjectRule(
                        [
                            .required(
                                "regions",
                                self.list(
                                    Schema(
                                        .object(
                                            ObjectRule(
                                                [
                                                    .required("name", self.string()),
                                                    .required("endpoint", self.string()),
                                                ]
                                            )
                                        )
                                    )
                                )
                            )
                        ]
                    )
                )
            )
        case .create:
            Schema(
                .anyOf([
                    Schema(
                        .object(
                            ObjectRule([.required("instances", self.list(Schema(.named("instance", self.instance))))])
                        )
                    ),
                    Schema(
                        .object(
                            ObjectRule(
                                [
                                    .required("would_create", Schema(.integer(0...1000))),
                                    .required("image_id", self.nullableString),
                                    .required("instance_types", self.list(self.string())),
                                    .required("subnet_ids", self.list(self.string())),
                                ]
                            )
                        ),
                        "In a dry run, what would be launched."
                    ),
                ])
            )
        case .condorStatus: self.condorStatusOutput
        case .condorQ: self.condorQOutput
        case .scale: self.scaleOutput
        case .autoscale: self.autoscaleOutput
        case .cancel:
            Schema(
                .object(
                    ObjectRule(
                        [
                            .required("target", self.cancelTarget(rejectsUnknown: false, "What was called off.")),
                            .required(
                                "commands",
                                self.list(
                                    self.cancelledCommand,
                                    0...1000,
                                    "Those known where it was answered; others are cancelled when their turn comes."
                                )
                            ),
                        ]
                    )
                )
            )
        case .freeze, .thaw:
            Schema(
                .object(
                    ObjectRule(
                        [
                            .required("changed", Schema(.boolean, "Whether the command changed the setting.")),
                            .required("frozen", Schema(.nullable(Schema(.named("freeze", self.freeze))))),
                        ]
                    )
                )
            )
        case .start, .stop, .reboot, .terminate: nil
        }
    }

    private static func resultEnvelope(_ command: Schema, output: Schema) -> Schema {
        Schema(
            .object(
                ObjectRule(
                    [
                        .required("id", self.string(0...Int.max, "The command's id.")),
                        .required("command", command),
                        .required("status", self.oneOf(Status.allCases.map(\.rawValue), "How it ended.")),
                        .required("output", output),
                        .required(
                            "items",
                            Schema(
                                .nullable(self.list(Schema(.named("item", self.item)), 0...1000)),
                                "What became of each instance, for commands on instances."
                            )
                        ),
                        .required(
                            "error",
                            Schema(.nullable(Schema(.named("problem", self.problem))), "Why it did not succeed.")
                        ),
                        .required("text", self.string(0...4096, "What a bot can post as it is.")),
                        .required("attempts", Schema(.integer(0...Int.max), "How often it was tried.")),
                        .required(
                            "duplicate",
                            Schema(.boolean, "Whether this is the stored result of an earlier command.")
                        ),
                        .required("dry_run", Schema(.boolean, "Whether it only says what would happen.")),
                        .required("worker", self.string(0...Int.max, "The worker that answers.")),
                        .required("received_at", self.time),
                        .required("finished_at", self.time),
                    ]
                )
            )
        )
    }

    /// The schema of a result, whatever the command.
    public static let result = resultEnvelope(
        string(0...64, "The command's name as sent; empty when it could not be read."),
        output: Schema(.any, "What the command found or made; null for commands on instances.")
    )

    /// The schema of the result of one command, its output included.
    public static func result(of command: CommandName) -> Schema {
        self.resultEnvelope(
            self.oneOf([command.rawValue]),
            output: self.output(of: command).map { Schema(.nullable($0)) } ?? self.oneOf([.null] as [JSONValue])
        )
    }

    private static let results = Dictionary(
        uniqueKeysWithValues: CommandName.allCases.map { ($0, Schema.result(of: $0)) }
    )

    /// The schema that a result must match: that of its command where it is known.
    static func result(for value: JSONValue) -> Schema {
        value["command"]?.stringValue.flatMap(CommandName.init(rawValue:)).flatMap { Self.results[$0] } ?? Self.result
    }

    /// The schema of a progress message.
    public static let progress = Schema(
        .object(
            ObjectRule(
                [
                    .required("id", string(0...Int.max, "The command's id.")),
                    .required("command", string(0...64, "The command's name.")),
                    .required("sequence", Schema(.integer(1...Int.max), "Counts from 1; a gap means one was lost.")),
                    .required("phase", string(0...Int.max, "What is being done.")),
                    .required("text", string(0...4096, "The same for people.")),
                    .required("done", Schema(.integer(0...Int.max), "How many items are done.")),
                    .required("total", Schema(.integer(0...Int.max), "How many items there are.")),
                ]
            )
        ),
        "A word on the way to a result."
    )
}
