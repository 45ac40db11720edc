"""The contract of every task, its options, and fitting, saving and loading, which no task implements itself."""
