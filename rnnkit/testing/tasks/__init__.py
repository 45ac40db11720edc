"""The task contract: ten points that hold for every task, rnnkit's and yours, each checked by a function here."""
