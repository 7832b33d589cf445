# Reads the output of a phase of deploy/test that failed, and prints a line for each failed test, or for what ended it.
# What they say goes to the file `details`. Variables: phase, details, code (the exit status).

function tell(what) {
    if (!(what in told)) print "FAILED: " phase ": " what
    told[what] = 1
    count++
}

function detail(line) {
    if (lines++ < 80) print line >> details
}

# `✘ Test name(label:) failed after 1.5 seconds.`, `◇ Test "A name" started.`
function test() {
    match($0, /Test ("[^"]*"|[^ ]+)/)
    return substr($0, RSTART + 5, RLENGTH - 5)
}

{ last[NR % 25] = $0 }

/^◇ Test .* started\.$/ && !/^◇ Test (case|run) / { running[test()] = NR }
/^[^ ]+ Test .* (passed|failed) after / && !/^[^ ]+ Test (case|run) / { delete running[test()] }
/^[^ ]+ Test .* skipped/ { delete running[test()] }

/^✘ Test / && !/^✘ Test (case|run) / && / (recorded an issue|failed after) / { tell(test()) }
/^✘ .* recorded an issue/ {
    detail("")
    detail(phase ": " $0)
    kept = 12
    next
}
/^(↳|  )/ && kept > 0 {
    kept--
    detail($0)
    next
}
{ kept = 0 }

/Fatal error|unexpected signal|Program crashed|^error: / {
    if (!said[$0]++) detail(phase ": " $0)
    if (match($0, /signal code [0-9]+/)) signal = substr($0, RSTART + 12, RLENGTH - 12)
}
# The frames of a crash that are the project's own.
/ in .* at .*\/(Sources|Tests)\// && !/\/checkouts\// { if (frames++ < 12) detail($0) }

END {
    if (signal) {
        names = ""
        # The one that began last is the likeliest.
        for (n = 0; n < 20; n++) {
            latest = ""
            for (name in running) if (latest == "" || running[name] > running[latest]) latest = name
            if (latest == "") break
            names = names " " latest
            delete running[latest]
        }
        tell("the process died by signal " signal "; there ran, the latest first:" (names == "" ? " no test" : names))
    }
    if (!count) {
        tell("exit status " code)
        for (n = NR - 24; n <= NR; n++) if (n > 0) detail(last[n % 25])
    }
}
