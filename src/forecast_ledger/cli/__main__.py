"""`python -m forecast_ledger.cli`, where the program is not on the path."""

from forecast_ledger.cli import main

if __name__ == "__main__":
    main()
