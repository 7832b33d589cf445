/// AWS Security Token Service: the place of its operations.
public enum STS {}
