import ArgumentParser
import Glibc

// Before there is a second thread, so that all threads inherit it: a signal that finds a thread in which it is not
// blocked is raised again for that thread alone by libdispatch, where nobody reads it. A lost SIGTERM would be a
// worker that never drains.
blockSignals(SIGTERM, SIGINT)
await run()

private func run() async {
    await UpdraftWorkerCommand.main()
}

private func blockSignals(_ numbers: Int32...) {
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in numbers { sigaddset(&signals, number) }
    pthread_sigmask(SIG_BLOCK, &signals, nil)
}
