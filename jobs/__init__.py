"""What follows from what is known: jobs and the pure computation they call."""
