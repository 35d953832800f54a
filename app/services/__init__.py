"""THE DESK: one business act per file, one transaction each, in folders by noun."""
