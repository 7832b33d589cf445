/// AWS Systems Manager: the operations and shapes in use.
public enum SSM {}
