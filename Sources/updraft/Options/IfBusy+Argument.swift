public import ArgumentParser
public import UpdraftContract

extension IfBusy: ExpressibleByArgument {}
