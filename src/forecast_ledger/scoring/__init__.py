"""Scoring: mathematics on arrays. It knows numbers, not questions.

Probabilities come in as integers, parts per 10**9; durations as whole seconds.
Scores are on the scale 0 to 1, where 0 is perfect. Totals are `math.fsum`.
"""
