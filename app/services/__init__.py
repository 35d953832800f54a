"""THE DESK: one business act per file, in folders by noun; one act is one transaction."""
