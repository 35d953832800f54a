"""THE CLOCK: jobs, stored callbacks and due days; it calls the same acts as the door."""
