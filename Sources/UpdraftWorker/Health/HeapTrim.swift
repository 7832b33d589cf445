import CMalloc

/// Gives freed memory back to the system, again and again while the worker runs.
///
/// glibc keeps the holes that a burst of commands leaves between what stays in use: after a million pings 52 to 69 MB
/// were resident, 38 MB in use (issue 2). A worker that shares its machine with a pool's manager should cost what it
/// uses. A trim of such a heap takes a few milliseconds.
///
/// Source: malloc_trim(3).
struct HeapTrim: Sendable {
    /// The time between two trims.
    let interval: Duration
    /// Times the interval.
    let clock: any Clock<Duration>
    /// Gives back what is free.
    let trim: @Sendable () -> Void

    init(
        interval: Duration = .seconds(5),
        clock: any Clock<Duration>,
        trim: @escaping @Sendable () -> Void = { _ = malloc_trim(0) }
    ) {
        self.interval = interval
        self.clock = clock
        self.trim = trim
    }

    /// Trims at every interval until it is cancelled.
    func run() async {
        while (try? await self.clock.sleep(for: self.interval, tolerance: nil)) != nil {
            self.trim()
        }
    }
}
