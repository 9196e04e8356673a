"""What a forecast is: frozen values and the rules they keep."""
