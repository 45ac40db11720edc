"""Classification of trees: a parse tree in, a label for every node out."""
