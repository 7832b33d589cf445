import Foundation

/// HTCondor's tools, played by shell scripts over files: a pool whose machines are what a test says.
///
/// The worker's own scripts call them for real. A drain compares and removes, `condor_on` brings back, and nothing runs
/// any job.
struct FakePool: Sendable {
    /// A machine with one partitionable slot and a dynamic one for each job.
    struct Node: Sendable {
        var name: String
        var instanceID: String
        var address: String
        /// Ids of jobs, which are alice's.
        var jobs: [String] = []
    }

    let directory: URL

    init() throws {
        self.directory = FileManager.default.temporaryDirectory.appending(path: "updraft-\(UUID().uuidString)")
        let bin = self.directory.appending(path: "bin")
        try FileManager.default.createDirectory(at: bin, withIntermediateDirectories: true)
        for (name, text) in Self.tools {
            let file = bin.appending(path: name)
            try Data("#!/bin/sh\npool=${0%/bin/*}\n\(Self.common)\(text)".utf8).write(to: file)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
        }
        for file in ["slots", "slots.all", "jobs", "believed", "retiring", "calls"] { try self.write(file, "") }
    }

    /// Runs a body with a fake pool, and deletes it.
    static func with<Value>(_ body: (FakePool) async throws -> Value) async throws -> Value {
        let pool = try FakePool()
        defer { try? FileManager.default.removeItem(at: pool.directory) }
        return try await body(pool)
    }

    /// What a worker needs to take it for the pool `main`.
    var settings: [String: String] {
        [
            "UPDRAFT_POOLS_MAIN_MANAGER_SHELL": "local",
            "UPDRAFT_POOLS_MAIN_MANAGER_COMMAND": self.command.joined(separator: ","),
            "UPDRAFT_POOLS_MAIN_MANAGER_STATE_DIRECTORY": self.directory.appending(path: "state").path,
            "UPDRAFT_POOLS_MAIN_NODES_IMAGE_ID": CommandTests.image,
            "UPDRAFT_POOLS_MAIN_NODES_INSTANCE_TYPES": "t3.micro",
            "UPDRAFT_POOLS_MAIN_LIMITS_MAX": "20",
        ]
    }

    /// Runs a script with the fake tools first in its path.
    var command: [String] {
        ["/usr/bin/env", "PATH=\(self.directory.appending(path: "bin").path):/usr/bin:/bin", "sh"]
    }

    /// Sets what is in the pool.
    func set(_ nodes: [Node]) throws {
        let rows = nodes.flatMap(Self.rows).joined()
        try self.write("slots.all", rows)
        try self.write("slots", rows)
    }

    func write(_ file: String, _ text: String) throws {
        try Data(text.utf8).write(to: self.directory.appending(path: file), options: .atomic)
    }

    func read(_ file: String) throws -> String {
        try String(contentsOf: self.directory.appending(path: file), encoding: .utf8)
    }

    /// The names of the machines that are in the pool now.
    func machines() throws -> Set<String> {
        let names = try self.read("slots").split(separator: "\n").compactMap { row in
            row.split(separator: "\t").first?.split(separator: "@").last.map { String($0.dropLast()) }
        }
        return Set(names)
    }

    /// How often a tool was called with these words.
    func calls(_ words: String) throws -> Int {
        try self.read("calls").split(separator: "\n").filter { $0.contains(words) }.count
    }

    /// Rows as `condor_status -af:tV` prints them for ``HTCondor/Script``; NOW becomes the time.
    private static func rows(_ node: Node) -> [String] {
        func row(_ slot: String, _ type: String, _ state: String, _ activity: String, _ cpus: Int, _ job: String?)
            -> String
        {
            let text = { (text: String) in "\"\(text)\"" }
            let job = (job.map(text) ?? "undefined", job == nil ? "undefined" : text("alice@pool"))
            return [
                text("\(slot)@\(node.name)"), text(type), text(state), text(activity), "\(cpus)", "\(cpus * 1024)",
                "100000", "0",
                "4", "4096", "100000", "0", job.0, job.1, "1700000000", "false", text(node.name),
                text("<\(node.address):9618?addrs"),
                node.instanceID.isEmpty ? "undefined" : text(node.instanceID), "undefined", "1700000000", "NOW",
                "undefined",
            ].joined(separator: "\t") + "\n"
        }
        return [row("slot1", "Partitionable", "Unclaimed", "Idle", 4 - node.jobs.count, nil)]
            + node.jobs.enumerated().map { row("slot1_\($0 + 1)", "Dynamic", "Claimed", "Busy", 1, $1) }
    }

    private static let common = #"""
        printf '%s\n' "${0##*/} $*" >>"$pool/calls"
        [ ! -e "$pool/broken" ] || { echo "no collector answers" >&2; exit 1; }
        exec 8>"$pool/lock"
        flock 8
        now=$(date +%s)
        rows() { sed "s/NOW/$now/g" "$pool/slots"; }
        field() { tr -d '"' | cut -f "$1"; }

        """#

    private static let tools = [
        "condor_status": #"""
        masters() { tr -d '"' <"$pool/slots.all" | awk -F '\t' '!seen[$18]++ { print $17 "\t" $18 }'; }
        # A manager that takes its time, from so many looks on.
        case " $* " in
            *' -collector '*)
                while [ -e "$pool/hold" ] && [ "$(grep -c -e -collector "$pool/calls")" -ge "$(cat "$pool/hold")" ]; do
                    sleep 0.02
                done
                ;;
        esac
        case " $* " in
            *' -collector '*) printf '1700000000\t%s\n' "$(cat "$pool/collector" 2>/dev/null || echo 1700000000)" ;;
            *' -negotiator '*) echo "$now" ;;
            *' -master '*LastHeardFrom*) masters | awk -F '\t' -v now="$now" -v startd="$(cat "$pool/startd" 2>/dev/null || echo 0)" \
                '{ print $2 "\t" now "\t1700000000\t" startd }' ;;
            *' -master '*) masters ;;
            *DrainReason*) ;;
            *' Name MyAddress Draining State '*)
                rows | tr -d '"' | awk -F '\t' '{ print $1 "\t" $18 "\t" $16 "\t" $3 "\t" $4 "\t" $22 }' ;;
            *' Name MyAddress '*) rows | field 1,18 ;;
            *) rows ;;
        esac

        """#,
        "condor_q": #"""
        file=$pool/jobs
        case $* in *'substr(RemoteHost'*) file=$pool/believed ;; esac
        case " $* " in
            *' JobStatus int(QDate) '*) cat "$pool/queue" 2>/dev/null ;;
            *' JobStatus ifThenElse'*) cut -f 3,5-8 "$file" ;;
            *) cat "$file" ;;
        esac
        exit 0

        """#,
        "condor_drain": #"""
        for slot in "$@"; do :; done
        machine=${slot#*@}
        if rows | awk -F '\t' -v end="@$machine\"" 'index($1, end) && $3 != "\"Unclaimed\"" { found = 1 } END { exit !found }'
        then
            echo "Failed to drain: error code 10003: Draining check expression is false on $slot"
            exit 1
        fi
        grep -v "@$machine\"" "$pool/slots" >"$pool/slots.new"
        mv "$pool/slots.new" "$pool/slots"
        echo "Sent request to drain $slot"

        """#,
        "condor_off": #"""
        echo "$3" >>"$pool/retiring"
        echo 'Sent "Kill-Daemon-Peacefully" command'

        """#,
        "condor_on": #"""
        grep -F "$2" "$pool/slots.all" | while IFS= read -r row; do
            grep -qF "$row" "$pool/slots" || printf '%s\n' "$row" >>"$pool/slots"
        done
        echo 'Sent "Spawn-Daemon" command'

        """#,
    ]
}
