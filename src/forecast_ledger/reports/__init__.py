"""Results of the ledger as text: for a terminal and as JSON. Draws, and computes nothing."""
