public import ArgumentParser
public import UpdraftContract

extension CommandName: ExpressibleByArgument {}
