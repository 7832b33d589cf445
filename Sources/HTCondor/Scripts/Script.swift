import struct FoundationEssentials.Data

/// A shell script for the pool's manager: a fixed text, and parameters that are never more than data to it.
///
/// Two scripts are equal when they ask for the same.
package struct Script: Hashable, Sendable {
    /// What it does, in a word: `survey`, `status`, `queue`, `drain`, `bring-back`, `retire`, `piece`.
    package let name: String
    /// How long it may run; its tools have limits of their own within it.
    package let timeLimit: Duration
    /// Whether it changes anything.
    ///
    /// Every script may be run again: reading is harmless, a drain repeats what it did, the others converge.
    package let hasEffects: Bool
    /// Its fixed text, which follows the parameters.
    let body: String
    /// By the shell variables that hold them; text without NUL.
    let parameters: [Parameter]

    struct Parameter: Hashable, Sendable {
        let variable: String
        let value: String

        init(_ variable: String, _ value: String) {
            self.variable = variable
            self.value = value
        }
    }

    init(name: String, timeLimit: Duration, hasEffects: Bool = false, body: String, parameters: [Parameter] = []) {
        self.name = name
        self.timeLimit = timeLimit
        self.hasEffects = hasEffects
        self.body = body
        self.parameters = parameters
    }

    /// The whole text, for `sh`: of the parameters nothing is in it but base64.
    package func text(at site: ScriptSite) -> String {
        let given = [
            Parameter("name", self.name),
            Parameter("limit", String(site.outputLimit.map { max($0, ScriptSite.smallestLimit) } ?? 0)),
            Parameter("state", site.stateDirectory),
        ]
        let assignments = (given + self.parameters).map { parameter in
            "\(parameter.variable)=$(decode '\(Data(parameter.value.utf8).base64EncodedString())')\n"
        }
        return Self.opening + assignments.joined() + Self.common + self.body
    }

    /// Fixed locale and places, private files; `decode` gives back a parameter.
    private static let opening = #"""
        umask 077
        LC_ALL=C PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
        export LC_ALL PATH
        decode() { printf %s "$1" | base64 -d; }

        """#

    /// What all scripts have in common.
    ///
    /// An answer is text: a line with the script's name and the time, then sections: a line with name, exit status and
    /// number of lines, then those lines. It goes out as `gzip | base64`, after a line that tells its length; what is too
    /// long for the way stays in a file, of which each call brings a piece.
    private static let common = #"""
        work=$(mktemp -d) || exit 71
        trap 'rm -rf "$work"' EXIT
        trap 'exit 143' TERM INT HUP
        printf '%s %s\n' "$name" "$(date +%s)" >"$work/answer"

        # emit SECTION STATUS: adds what is in out or, of a tool that failed, what it complained about in err.
        emit() {
            [ "$2" -eq 0 ] || { cat "$work/err"; tail -n 5 "$work/out"; } | tail -c 2000 >"$work/complaint"
            [ "$2" -eq 0 ] || mv "$work/complaint" "$work/out"
            [ -z "$(tail -c 1 "$work/out")" ] || echo >>"$work/out"
            printf '%s %s %s\n' "$1" "$2" "$(($(wc -l <"$work/out")))" >>"$work/answer"
            cat "$work/out" >>"$work/answer"
        }

        # run COMMAND...: runs it into out and err, no longer than 100 s.
        run() { timeout -k 5 100 "$@" >"$work/out" 2>"$work/err"; }

        # piece NUMBER FILE ANSWER: prints a piece of an encoded answer.
        piece() {
            size=$(($(wc -c <"$2")))
            room=$((limit - 200))
            [ "$limit" -gt 0 ] || room=$((size + 1))
            pieces=$(((size + room - 1) / room))
            [ "$1" -le "$pieces" ] || exit 66
            printf 'updraft-answer 1 %s %s %s %s %s\n' "$name" "$3" "$1" "$pieces" "$size"
            tail -c "+$((($1 - 1) * room + 1))" "$2" | head -c "$room"
            echo
        }

        # send: prints the answer, or the first piece of it and keeps the rest.
        send() {
            gzip -9 -n <"$work/answer" | base64 | tr -d '\n' >"$work/text" || exit 74
            if [ "$limit" -eq 0 ] || [ "$(wc -c <"$work/text")" -le $((limit - 200)) ]; then
                piece 1 "$work/text" -
            else
                mkdir -p "$state/answers" &&
                    find "$state/answers" -type f -mmin +15 -exec rm -f {} + &&
                    file=$(mktemp "$state/answers/$name.XXXXXXXXXX") &&
                    cat "$work/text" >"$file" || exit 73
                piece 1 "$file" "${file##*/}"
            fi
        }

        """#
}
