/// Amazon Elastic Compute Cloud: the operations and shapes in use.
public enum EC2 {}
