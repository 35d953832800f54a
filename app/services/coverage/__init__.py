"""Which policies respond to a notice, and why the others do not."""
