enum UpdraftContractPlaceholder {}
