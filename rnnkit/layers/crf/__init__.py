"""The linear-chain conditional random field: lattice, likelihood and best paths."""
