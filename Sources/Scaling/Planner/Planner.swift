/// Decides what becomes of a pool: a pure function of what was observed, so the same observation gives the same plan.
package struct Planner: Sendable {
    package var rules: PoolRules

    package init(rules: PoolRules) {
        self.rules = rules
    }

    /// What is to be done.
    package func plan(_ observation: Observation) -> Plan {
        var decision = Decision(observation, rules: self.rules)
        decision.make()
        return decision.plan
    }
}
