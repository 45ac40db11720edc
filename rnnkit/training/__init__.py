"""Training: the loop around Keras's `fit`, checkpoints that survive a kill, and progress a person can read."""
