extension Script {
    /// Reads what ``Survey`` holds.
    package static let survey = Script(
        name: "survey",
        timeLimit: .seconds(420),
        body: #"""
            # The collector's own ad has no start time; its statistics tell how long they have been kept.
            run condor_status -collector -af:tV 'StatsLastUpdateTime - StatsLifetime' DaemonStartTime
            emit collector $?
            \#(slots)
            # The negotiator's ad may be minutes old (NEGOTIATOR_UPDATE_AFTER_CYCLE): a rejection proves a later cycle.
            run condor_status -negotiator -af:tV LastNegotiationCycleTime0
            emit negotiator $?
            # A text in the place of a number becomes an error: its tabs would split what is counted.
            cycle=$(sort -n "$work/out" | tail -n 1)
            run condor_q -allusers -constraint '(JobStatus == 1 || JobStatus == 2) &&
                JobUniverse != 7 && JobUniverse != 9 && JobUniverse != 12' -af:tV JobStatus 'int(QDate)' \
                'int(LastRejMatchTime)' 'int(RequestCpus)' 'int(RequestMemory)' 'int(RequestDisk)' 'int(RequestGPUs)'
            status=$?
            if [ "$status" -eq 0 ]; then
                mv "$work/out" "$work/jobs"
                awk -F '\t' -v cycle="$cycle" '
                    BEGIN { if (cycle !~ /^[0-9]+$/) cycle = 0; cycle += 0 }
                    NR == FNR { if ($1 == 1 && $3 ~ /^[0-9]+$/ && $3 + 0 > cycle) cycle = $3 + 0; next }
                    $1 == 2 { running++ }
                    $1 == 1 && $2 + 0 >= cycle { unseen++ }
                    $1 == 1 && $2 + 0 < cycle { shapes[$4 "\t" $5 "\t" $6 "\t" $7]++ }
                    END {
                        print running + 0 "\t" unseen + 0
                        for (shape in shapes) print shapes[shape] "\t" shape
                    }' "$work/jobs" "$work/jobs" >"$work/out" 2>"$work/err"
                status=$?
            fi
            emit demand "$status"
            # Of each machine the last word, and of those the latest 2,000.
            : >"$work/out"
            if [ -d "$state/drains" ]; then
                find "$state/drains" -type f ! -name '*.lock' -mtime -7 -exec cat {} + |
                    awk -F '\t' '!($2 in at) || $5 + 0 >= at[$2] { at[$2] = $5 + 0; line[$2] = $0 }
                        END { for (machine in line) print line[machine] }' |
                    sort -t "$(printf '\t')" -k 5,5nr | head -n 2000 >"$work/out"
            fi
            emit drains 0
            send

            """#
    )

    /// Reads slots.
    package static func status(constraint: Constraint?) -> Script {
        Script(
            name: "status",
            timeLimit: .seconds(120),
            body: self.constrained + self.slots + "\nsend\n",
            parameters: [Parameter("constraint", constraint?.expression ?? "")]
        )
    }

    /// Counts jobs, and describes those of a page.
    ///
    /// - Parameters:
    ///   - skipping: how many jobs come before the page, 0 or more.
    ///   - limit: how many it has at most, 0 to 100,000.
    package static func queue(constraint: Constraint?, skipping: Int, limit: Int) -> Script {
        Script(
            name: "queue",
            timeLimit: .seconds(240),
            body: self.constrained + #"""
                # Millions of jobs come to a few lines here already: of each distinct row the count.
                {
                    timeout -k 5 100 condor_q -allusers "$@" -af:tV JobStatus \
                        'ifThenElse(JobStatus == 1, int(RequestCpus), undefined)' \
                        'ifThenElse(JobStatus == 1, int(RequestMemory), undefined)' \
                        'ifThenElse(JobStatus == 1, int(RequestDisk), undefined)' \
                        'ifThenElse(JobStatus == 1, int(RequestGPUs), undefined)' 2>"$work/err"
                    echo $? >"$work/status"
                } | awk '{ count[$0]++ } END { for (row in count) print count[row] "\t" row }' |
                    sort -nr >"$work/counted"
                status=$(cat "$work/status")
                awk -F '\t' '{ count[$2] += $1 } END { for (status in count) print count[status], status }' \
                    "$work/counted" >"$work/out"
                emit totals "$status"
                # The number of shapes, and the most frequent of them.
                awk -F '\t' -v OFS='\t' '$2 == 1 && count++ < 2000 { print $1, $3, $4, $5, $6 }
                    END { print count + 0 }' "$work/counted" | tac >"$work/out"
                emit shapes 0
                : >"$work/out"
                status=0
                if [ "$rows" -gt 0 ]; then
                    {
                        timeout -k 5 100 condor_q -allusers "$@" -af:tV ClusterId ProcId JobStatus Owner \
                            RequestCpus RequestMemory RequestDisk RequestGPUs QDate JobCurrentStartDate RemoteHost \
                            'substr(HoldReason, 0, 500)' GlobalJobId 'substr(Cmd, 0, 200)' \
                            'substr(ifThenElse(Arguments =?= undefined, Args, Arguments), 0, 200)' 2>"$work/err"
                        echo $? >"$work/status"
                    } | sort -n -k 1,1 -k 2,2 | awk -v skip="$skip" -v rows="$rows" \
                        'NR > skip + 0 && NR <= skip + rows' >"$work/out"
                    status=$(cat "$work/status")
                fi
                emit jobs "$status"
                send

                """#,
            parameters: [
                Parameter("constraint", constraint?.expression ?? ""),
                Parameter("skip", String(max(0, skipping))),
                Parameter("rows", String(min(max(0, limit), 100_000))),
            ]
        )
    }

    /// Reads a piece of an answer that is kept on the manager for some minutes.
    ///
    /// - Parameter number: from 1 on.
    package static func piece(of answer: String, number: Int) -> Script {
        Script(
            name: "piece",
            timeLimit: .seconds(60),
            body: #"""
                case $answer in '' | .* | *[!A-Za-z0-9.-]*) exit 64 ;; esac
                file=$state/answers/$answer
                [ -f "$file" ] || { echo "The answer $answer is not kept any more." >&2; exit 66; }
                name=${answer%%.*}
                piece "$number" "$file" "$answer"

                """#,
            parameters: [Parameter("answer", answer), Parameter("number", String(max(1, number)))]
        )
    }

    /// A constraint as two arguments, or none.
    private static let constrained = #"""
        set --
        [ -z "$constraint" ] || set -- -constraint "$constraint"

        """#

    /// The columns are those of `SlotRow`; what is computed or cut here need not travel.
    ///
    /// A partitionable slot does not change its activity when its last job ends; the number of its dynamic slots does.
    private static let slots = #"""
        run condor_status "$@" -af:tV Name SlotType State Activity Cpus Memory Disk GPUs \
            TotalSlotCpus TotalSlotMemory TotalSlotDisk TotalSlotGPUs JobId RemoteOwner \
            'ifThenElse((NumDynamicSlotsTime > EnteredCurrentActivity) =?= true, NumDynamicSlotsTime,
                EnteredCurrentActivity)' \
            Draining 'ifThenElse(regexp(strcat("@", Machine, "$"), Name), undefined, Machine)' \
            'substr(MyAddress, 0, ifThenElse(substr(MyAddress, 1, 1) == "[", 48, 18))' \
            'ifThenElse(CloudInstanceID =?= undefined, EC2InstanceID, CloudInstanceID)' CloudVMType \
            DaemonStartTime 'LastHeardFrom - LastHeardFrom % 10' Offline
        emit slots $?
        """#
}
