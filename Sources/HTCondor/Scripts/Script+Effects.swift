extension Script {
    /// How many machines one script takes, at most: SSM's parameters are limited, and so is its time.
    package static let mostMachines = 200

    /// Compares and drains, see ``CentralManager/drain(_:request:reason:)``.
    package static func drain(_ targets: [DrainTarget], request: String, reason: String) -> Script {
        Script(
            name: "drain",
            timeLimit: .seconds(1200),
            hasEffects: true,
            body: self.effects + #"""
                drains=$state/drains
                case $request in '' | .* | *[!A-Za-z0-9._-]*) echo "'$request' is no request id" >&2; exit 64 ;; esac
                mkdir -p "$drains" || exit 73
                find "$drains" -type f -mtime +7 -exec rm -f {} +
                record=$drains/$request
                # Tools and what they start hold the lock, too: it is free when the last of them has ended.
                exec 9>"$record.lock"
                flock -w 300 9 || { echo "the request $request is still being carried out" >&2; exit 75; }
                touch "$record"
                look || { cat "$work/err" >&2; exit 69; }

                # note MACHINE INSTANCE OUTCOME ADDRESS TEXT: one short append, so that lines don't mix.
                note() {
                    printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$request" "$1" "$2" "$3" "$(date +%s)" "$4" "$5" >>"$record"
                }

                # left MACHINE ADDRESS ASKED: whether its startd left after it was asked. A machine that is cut off has no
                # ad after a while, too, but then its master was not heard of either: both tell every 300 s. Neither has
                # one whose startd hangs, but then its master says since when that runs; of one that ended it says 0, at
                # once, and starts it again in seconds unless it ended for a drain (measured, HTCondor 23.9). A master
                # that began later is one of a machine that was restarted: its startd is about to come.
                left() {
                    [ -n "$2" ] || return 1
                    timeout -k 5 30 condor_status -af:t Name MyAddress >"$work/now.$target" 2>/dev/null || return 1
                    [ -z "$(slot_of "$1" "$work/now.$target")" ] || return 1
                    heard=$(timeout -k 5 30 condor_status -master \
                        -af:t MyAddress LastHeardFrom DaemonStartTime STARTD_StartTime 2>/dev/null |
                        awk -F '\t' -v ip="$2" -v asked="$3" '{ at = $1; sub(/^</, "", at); sub(/:[0-9]+[?>].*/, "", at) }
                            at == ip && $3 + 0 <= asked + 0 && $4 == "0" { print $2 }' | tail -n 1)
                    [ -n "$heard" ] && [ "$heard" -ge "$3" ] && [ "$heard" -ge $(($(date +%s) - 400)) ]
                }

                # is_back MACHINE SINCE: whether it takes jobs, by an ad that came after it accepted to leave, or was told to.
                is_back() {
                    awk -F '\t' -v machine="$1" -v since="$2" '{ name = $1; if (name ~ /@/) sub(/^[^@]*@/, "", name) }
                        name == machine && $3 != "true" && $4 != "Drained" && $6 + 0 > since + 0 { found = 1 }
                        END { exit !found }' "$work/slots" || {
                        [ -f "$drains/returned" ] && awk -F '\t' -v machine="$1" -v since="$2" \
                            '$2 == machine && $5 + 0 >= since + 0 { found = 1 } END { exit !found }' "$drains/returned"
                    }
                }

                act() {
                    machine=$1 instance=$2
                    known=$(awk -F '\t' -v machine="$machine" '$2 == machine' "$record" | tail -n 1)
                    outcome=$(printf '%s' "$known" | cut -f 4)
                    asked=$(printf '%s' "$known" | cut -f 5)
                    address=$(printf '%s' "$known" | cut -f 6)
                    # What it accepted in an earlier life says nothing about this one.
                    if [ "$outcome" = accepted ] && is_back "$machine" "$asked"; then outcome='' asked=''; fi
                    case $outcome in
                        accepted | refused)
                            answer "$outcome" "$(printf '%s' "$known" | cut -f 7)"
                            return
                            ;;
                    esac
                    slot=$(slot_of "$machine" "$work/slots")
                    if [ -z "$slot" ] && [ -z "$asked" ]; then
                        # Somebody else asked, and wrote down no answer.
                        known=$(find "$drains" -type f ! -name '*.lock' -exec cat {} + |
                            awk -F '\t' -v machine="$machine" '$2 == machine && $5 + 0 >= at { at = $5 + 0; line = $0 }
                                END { print line }')
                        case $(printf '%s' "$known" | cut -f 4) in
                            asked | unreachable)
                                asked=$(printf '%s' "$known" | cut -f 5)
                                address=$(printf '%s' "$known" | cut -f 6)
                                ;;
                        esac
                    fi
                    if [ -z "$slot" ] && [ -z "$asked" ]; then
                        answer unreachable 'the pool has no startd of this name'
                        return
                    fi
                    if [ -n "$slot" ]; then
                        address=$(address_of "$machine")
                        # From here on somebody may have accepted: who finds this word without another asks for the truth.
                        [ -n "$asked" ] || { asked=$(date +%s); note "$machine" "$instance" asked "$address" ''; }
                        text=$(timeout -k 5 30 condor_drain -graceful -exit-on-completion \
                            -reason "$reason [$request]" -check 'State =?= "Unclaimed"' "$slot" 2>&1)
                        status=$?
                    else
                        text='the pool has no startd of this name any more' status=1
                    fi
                    text=$(printf '%s' "$text" | tr -s '[:cntrl:]' ' ' | cut -c 1-300)
                    case $status:$text in
                        0:*'Sent request to drain'*) outcome=accepted ;;
                        *'check expression is false'*) outcome=refused ;;
                        *)
                            outcome=unreachable
                            # Draining for this request already, or gone since it was asked: that was us.
                            reasons=$(timeout -k 5 30 condor_status -af:t Name DrainReason 2>/dev/null |
                                awk -F '\t' -v slot="$slot" '$1 == slot { print $2 }')
                            case $reasons in *"[$request]"*) outcome=accepted ;; esac
                            case $text in *'already'*) [ "$outcome" = accepted ] || outcome=refused ;; esac
                            ! left "$machine" "$address" "$asked" || outcome=accepted
                            ;;
                    esac
                    # One that is gone, and of which there is nothing new, is not written down again and again.
                    [ -z "$slot" ] && [ "$outcome" = unreachable ] ||
                        note "$machine" "$instance" "$outcome" "$address" "$text"
                    answer "$outcome" "$text"
                }

                each
                send

                """#,
            parameters: [
                Parameter("request", request),
                Parameter("reason", Self.line(reason)),
                Parameter("targets", Self.lines(targets.map { ($0.machine, $0.instanceID) })),
            ]
        )
    }

    /// Starts startds again that left, and ends drains that go on.
    package static func bringBack(_ machines: [String]) -> Script {
        self.effect(
            "bring-back",
            machines,
            #"""
            # The last word about it, so that a drain that it accepted before is never taken for one after it came back.
            returns() {
                [ -d "$state/drains" ] || return 0
                instance=$(find "$state/drains" -type f ! -name '*.lock' -exec cat {} + |
                    awk -F '\t' -v machine="$1" '$2 == machine && $3 != "" { found = $3 } END { print found }')
                [ -z "$instance" ] || printf 'returned\t%s\t%s\treturned\t%s\t\t\n' "$1" "$instance" "$(date +%s)" \
                    >>"$state/drains/returned"
            }

            act() {
                draining=''
                returns "$1"
                slot=$(slot_of "$1" "$work/slots")
                use=$(awk -F '\t' -v machine="$1" '{ name = $1; if (name ~ /@/) sub(/^[^@]*@/, "", name) }
                    name == machine { print $3, $4, $5 }' "$work/slots")
                case $use in
                    '' | *Retiring*) ;;
                    *true* | *Drained*) draining=yes ;;
                    *) answer accepted 'it is in the pool and takes jobs'; return ;;
                esac
                if [ "$draining" = yes ]; then
                    text=$(timeout -k 5 30 condor_drain -cancel "$slot" 2>&1)
                else
                    # Of one that retires, the startd still ends with its last job; its master then starts a new one.
                    master=$(master_of "$1")
                    [ -n "$master" ] || { answer unreachable 'its master does not report to the pool'; return; }
                    text=$(timeout -k 5 30 condor_on -name "$master" -daemon startd 2>&1)
                fi
                status=$?
                text=$(printf '%s' "$text" | tr -s '[:cntrl:]' ' ' | cut -c 1-300)
                case $status:$text in
                    0:*Sent*) answer accepted "$text" ;;
                    *) answer unreachable "$text" ;;
                esac
            }
            """#
        )
    }

    /// No new jobs; the startd leaves when its last job has ended.
    package static func retire(_ machines: [String]) -> Script {
        self.effect(
            "retire",
            machines,
            #"""
            act() {
                slot=$(slot_of "$1" "$work/slots")
                [ -n "$slot" ] || { answer unreachable 'the pool has no startd of this name'; return; }
                master=$(master_of "$1")
                [ -n "$master" ] || { answer unreachable 'its master does not report to the pool'; return; }
                # A drain would evict: MAXJOBRETIREMENTTIME is 0 by default. Peaceful waits for jobs without an end.
                text=$(timeout -k 5 30 condor_off -peaceful -name "$master" -daemon startd 2>&1)
                status=$?
                text=$(printf '%s' "$text" | tr -s '[:cntrl:]' ' ' | cut -c 1-300)
                case $status:$text in
                    0:*'Sent "Kill-Daemon-Peacefully"'*) answer accepted "$text" ;;
                    *) answer unreachable "$text" ;;
                esac
            }
            """#
        )
    }

    private static func effect(_ name: String, _ machines: [String], _ act: String) -> Script {
        Script(
            name: name,
            timeLimit: .seconds(1200),
            hasEffects: true,
            body: self.effects + "look || { cat \"$work/err\" >&2; exit 69; }\n" + act + "\neach\nsend\n",
            parameters: [Parameter("targets", Self.lines(machines.map { ($0, "") }))]
        )
    }

    /// One line of a parameter that has several.
    private static func line(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : $0 }))
    }

    private static func lines(_ rows: [(String, String)]) -> String {
        rows.prefix(self.mostMachines).map { "\(Self.line($0.0))\t\(Self.line($0.1))\n" }.joined()
    }

    /// What scripts that act on machines have in common: 16 machines at a time, each with time limits of its own, so that
    /// a dead one does not hold the others.
    private static let effects = #"""
        tab=$(printf '\t')

        # look: reads the pool's slots and masters.
        look() {
            run condor_status -af:t Name MyAddress Draining State Activity LastHeardFrom || return
            mv "$work/out" "$work/slots"
            run condor_status -master -af:t Name MyAddress || return
            mv "$work/out" "$work/masters"
        }

        # slot_of MACHINE FILE: the name of a slot that the startd itself has.
        slot_of() {
            awk -F '\t' -v machine="$1" '{ name = $1; if (name ~ /@/) sub(/^[^@]*@/, "", name) }
                name == machine { print $1 }' "$2" | sort | head -n 1
        }

        # address_of MACHINE: its IP address, by its startd's ad, else by the last drain that it was asked for.
        address_of() {
            found=$(awk -F '\t' -v machine="$1" '{ name = $1; if (name ~ /@/) sub(/^[^@]*@/, "", name) }
                name == machine { at = $2; sub(/^</, "", at); sub(/:[0-9]+[?>].*/, "", at); print at }' "$work/slots" |
                head -n 1)
            if [ -z "$found" ] && [ -d "$state/drains" ]; then
                found=$(find "$state/drains" -type f ! -name '*.lock' -exec cat {} + |
                    awk -F '\t' -v machine="$1" '$2 == machine && $6 != "" && $5 + 0 >= at { at = $5 + 0; found = $6 }
                        END { print found }')
            fi
            printf '%s' "$found"
        }

        # master_of MACHINE: the name of its master, by its IP address, else by its name. Tools get the right to command it
        # from the collector, with the ad that they look up by name.
        master_of() {
            awk -F '\t' -v ip="$(address_of "$1")" -v machine="$1" '
                { at = $2; sub(/^</, "", at); sub(/:[0-9]+[?>].*/, "", at) }
                ip != "" && at == ip { print $1 }
                ip == "" && $1 == machine { print $1 }' "$work/masters" | head -n 1
        }

        # answer OUTCOME TEXT: what became of the machine in hand.
        answer() { printf '%s\t%s\t%s\n' "$name_of_target" "$1" "$2" >"$work/target.$target"; }

        # each: acts on all targets, and collects what became of them. Who waits for it has others who wait: after 300 s
        # it begins with none any more.
        each() {
            printf '%s\n' "$targets" >"$work/targets"
            target=0 end=$(($(date +%s) + 300))
            while IFS=$tab read -r name_of_target instance_of_target; do
                [ -n "$name_of_target" ] || continue
                target=$((target + 1))
                case $name_of_target in
                    *[!A-Za-z0-9@._:-]*) answer unreachable 'this is no name of a machine' ;;
                    *)
                        if [ "$(date +%s)" -lt "$end" ]; then
                            (act "$name_of_target" "$instance_of_target") </dev/null &
                        else
                            answer unreachable 'no time was left to ask it'
                        fi
                        ;;
                esac
                [ $((target % 16)) -ne 0 ] || wait
            done <"$work/targets"
            wait
            cat "$work"/target.* >"$work/out" 2>/dev/null
            emit outcomes 0
        }

        """#
}
