import FoundationEssentials
import Glibc
import Synchronization

/// A program that runs beside this one, in a process group of its own, and whose standard output is collected.
final class ChildProcess: Sendable {
    /// How it ended.
    enum End: Sendable, Hashable {
        case exited(Int32, [UInt8])
        case signalled(Int32)
        case timedOut
        case outputTooLarge
    }

    /// Why it couldn't be started.
    struct StartError: Error, CustomStringConvertible {
        var number: Int32

        var description: String {
            switch self.number {
            case ENOENT: "there is no such program"
            case EACCES, ENOEXEC: "it is no program, or its permissions forbid running it"
            default: "error \(self.number) of the operating system"
            }
        }
    }

    private let output: Int32
    /// The id while the process is ours to signal; `nil` once it was waited for and the id may be another's.
    private let id: Mutex<pid_t?>

    /// Starts a program, found by the path of this process.
    ///
    /// It gets these words and this environment, no input, no descriptor of ours, and no signal blocked or ignored.
    init(_ words: [String], environment: [String: String]) throws(StartError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw StartError(number: errno) }
        defer { close(ends[1]) }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
        // Libraries forget O_CLOEXEC. A descriptor that was closed meanwhile is no error to glibc.
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? [] {
            if let descriptor = Int32(name), descriptor > STDERR_FILENO {
                posix_spawn_file_actions_addclose(&actions, descriptor)
            }
        }

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes,
            Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF)
        )

        let arguments = words.map { strdup($0) } + [nil]
        let variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer {
            for text in arguments + variables {
                free(text)
            }
        }
        var id: pid_t = 0
        let failure = posix_spawnp(&id, words[0], &actions, &attributes, arguments, variables)
        guard failure == 0 else {
            close(ends[0])
            throw StartError(number: failure)
        }
        self.output = ends[0]
        self.id = Mutex(id)
    }

    deinit {
        close(self.output)
    }

    /// Ends the process and its children.
    func kill() {
        self.id.withLock { id in
            guard let id else { return }
            _ = Glibc.kill(-id, SIGKILL)
        }
    }

    /// Reads the output and waits for the end; to be called once, on a thread that may wait.
    ///
    /// When this returns, the process is gone.
    func collect(upTo limit: Int, until deadline: ContinuousClock.Instant) -> End {
        var bytes: [UInt8] = []
        var end: End?
        var status: Int32 = 0
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        reading: while end == nil {
            // A helper that it leaves behind may hold the output open: what it wrote itself is there once it ended.
            let hasEnded = self.hasEnded(&status)
            let wait = hasEnded ? 0 : min(Self.milliseconds(until: deadline), 50)
            var descriptor = pollfd(fd: self.output, events: Int16(POLLIN), revents: 0)
            switch poll(&descriptor, 1, wait) {
            case 0 where hasEnded:
                break reading
            case 0 where deadline <= .now:
                end = .timedOut
            case 1...:
                let count = read(self.output, &buffer, buffer.count)
                guard count != 0 else { break reading }
                if count > 0 {
                    bytes += buffer[..<count]
                    end = bytes.count > limit ? .outputTooLarge : nil
                }
            default:
                break
            }
        }
        while end == nil, !self.hasEnded(&status) {
            // It closed its output and goes on: nothing tells of its end but asking.
            guard Self.milliseconds(until: deadline) > 0 else {
                end = .timedOut
                break
            }
            poll(nil, 0, 5)
        }
        if let end {
            self.kill()
            while !self.hasEnded(&status) {
                poll(nil, 0, 1)
            }
            return end
        }
        // <sys/wait.h>: WIFEXITED, WEXITSTATUS, WTERMSIG.
        return status & 0x7F == 0 ? .exited((status >> 8) & 0xFF, bytes) : .signalled(status & 0x7F)
    }

    private func hasEnded(_ status: inout Int32) -> Bool {
        self.id.withLock { id in
            guard let child = id else { return true }
            guard waitpid(child, &status, WNOHANG) != 0 else { return false }
            id = nil
            return true
        }
    }

    private static func milliseconds(until deadline: ContinuousClock.Instant) -> Int32 {
        Int32(min(max((deadline - .now) / .milliseconds(1), 0).rounded(.up), 60_000))
    }
}
