public import ArgumentParser
public import UpdraftContract

extension CondorDetail: ExpressibleByArgument {}
