import Testing

@testable import UpdraftWorker

/// What Prometheus gets to read; `MetricsAloneTests` has it judged by Prometheus's own parser.
struct MetricsTests {
    private func text(_ family: any MetricFamily) -> String {
        var exposition = Exposition()
        family.write(to: &exposition)
        return exposition.text
    }

    @Test func aCounterWithHostileLabels() {
        let family = Family<Counter>("x_total", "Help with\na line and a \\.", labels: ["a", "b"])
        family["1", "say \"hi\"\n\\"].add(3)
        #expect(
            self.text(family) == """
                # HELP x_total Help with\\na line and a \\\\.
                # TYPE x_total counter
                x_total{a="1",b="say \\"hi\\"\\n\\\\"} 3

                """
        )
    }

    @Test func aHistogramCountsUpwards() {
        let family = Family<Histogram>("t_seconds", "Time.", labels: []) { Histogram(bounds: [0.5, 1]) }
        for value in [0.25, 0.5, 0.75, 9] { family[].observe(value) }
        #expect(
            self.text(family) == """
                # HELP t_seconds Time.
                # TYPE t_seconds histogram
                t_seconds_bucket{le="0.5"} 2
                t_seconds_bucket{le="1"} 3
                t_seconds_bucket{le="+Inf"} 4
                t_seconds_sum 10.5
                t_seconds_count 4

                """
        )
    }

    @Test func whatIsBeyondTheLimitIsCountedTogether() {
        let family = Family<Counter>("x_total", "X.", labels: ["user"], limit: 3) { Counter() }
        for user in 0..<1000 { family["\(user)"].add() }
        let lines = self.text(family).split(separator: "\n").dropFirst(2)
        #expect(
            lines == [
                "x_total{user=\"0\"} 1", "x_total{user=\"1\"} 1", "x_total{user=\"2\"} 1",
                "x_total{user=\"other\"} 997",
            ]
        )
    }

    @Test func countersDoNotLoseCounts() async {
        let family = Family<Counter>("x_total", "X.", labels: ["n"]) { Counter() }
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask { for _ in 0..<1000 { family["\(task % 2)"].add() } }
            }
        }
        #expect(family["0"].value + family["1"].value == 8000)
    }

    @Test func everyMetricHasANameOfItsOwnThatFitsItsType() {
        let metrics = Metrics()
        let names = metrics.families.map(\.name)
        #expect(Set(names).count == names.count)
        for family in metrics.families {
            let text = self.text(family)
            let isCounter = text.contains("# TYPE \(family.name) counter")
            #expect(isCounter == family.name.hasSuffix("_total"), "\(family.name)")
        }
        // A field that is not in the list would never be seen.
        let fields = Mirror(reflecting: metrics).children.compactMap { ($0.value as? any MetricFamily)?.name }
        #expect(Set(fields) == Set(names))
    }
}
