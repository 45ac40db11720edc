"""Language modelling over tunes in ABC notation."""
