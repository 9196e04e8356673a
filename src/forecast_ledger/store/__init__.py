"""SQL lives here and nowhere else. Domain values go in and come out, never rows."""
