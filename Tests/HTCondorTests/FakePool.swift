import Foundation
import HTCondor

/// Tools of HTCondor that print what a test wrote down, in a directory of their own.
///
/// `condor_status` prints the file `condor_status.slots`, `.slots-plain` (for `-af:t`), `.collector`, `.negotiator`,
/// `.master-plain`; `condor_q` the file `condor_q`, or `condor_q-counted` where jobs are counted; `condor_drain` the file `condor_drain.SLOT`, others one without an ending. With a file `….err` the
/// tool prints that to standard error and fails. Every call's arguments are kept.
final class FakePool: Sendable {
    let directory = FileManager.default.temporaryDirectory.appending(path: "updraft-fake-pool-\(UUID().uuidString)")

    private static let tool = #"""
        #!/bin/sh
        tool=${0##*/} kind='' plain=''
        [ "$tool" != condor_status ] || kind=.slots
        for argument; do
            case $argument in
                -collector | -negotiator | -master) kind=.${argument#-} ;;
                -af:t) plain=-plain ;;
                *'JobStatus == 1, '*) plain=-counted ;;
            esac
        done
        [ "$tool" != condor_drain ] || kind=.$argument
        # One write, as several run at once.
        separator=$(printf '\001') call=$tool
        for argument; do call=$call$separator$argument; done
        printf '%s\002' "$call" >>"$FAKE_POOL/calls"
        file=$FAKE_POOL/$tool$kind$plain
        [ ! -f "$file" ] || cat "$file"
        [ ! -f "$file.err" ] || { cat "$file.err" >&2; exit 1; }
        """#

    init() throws {
        try FileManager.default.createDirectory(
            at: self.directory.appending(path: "bin"),
            withIntermediateDirectories: true
        )
        for tool in ["status", "q", "drain", "on", "off"] {
            let file = self.directory.appending(path: "bin/condor_\(tool)").path
            try Self.tool.write(toFile: file, atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file)
        }
        try self.write("condor_status.collector", "1000\tundefined\n")
        try self.write("condor_status.negotiator", "2000\n")
    }

    deinit { try? FileManager.default.removeItem(at: self.directory) }

    func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: self.directory.appending(path: name))
    }

    func remove(_ name: String) throws {
        try FileManager.default.removeItem(at: self.directory.appending(path: name))
    }

    /// What the tools were called with.
    var calls: [[String]] {
        let text = (try? String(contentsOf: self.directory.appending(path: "calls"), encoding: .utf8)) ?? ""
        return text.split(separator: "\u{2}").map { call in
            call.split(separator: "\u{1}", omittingEmptySubsequences: false).map(String.init)
        }
    }

    func calls(of tool: String) -> [[String]] { self.calls.filter { $0[0] == tool } }

    var stateDirectory: URL { self.directory.appending(path: "state") }

    func shell(limit: Int? = nil, willRun: @escaping @Sendable (Script) -> Void = { _ in }) -> TestShell {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        return TestShell(
            site: ScriptSite(outputLimit: limit, stateDirectory: self.stateDirectory.path),
            environment: [
                "FAKE_POOL": self.directory.path,
                "PATH": "\(self.directory.appending(path: "bin").path):\(path)",
            ],
            willRun: willRun
        )
    }

    func manager(limit: Int? = nil, willRun: @escaping @Sendable (Script) -> Void = { _ in }) -> CentralManager {
        CentralManager(shell: self.shell(limit: limit, willRun: willRun))
    }
}
