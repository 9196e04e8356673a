"""Keep score of forecasts: dated, resolvable, insert-only."""
