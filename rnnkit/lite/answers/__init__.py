"""The answers a person gets from an exported model; the tasks in Keras give the same ones through these modules."""
