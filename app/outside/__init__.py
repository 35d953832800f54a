"""THE COUNTER: the only room that speaks HTTP out; insurers, signatures, document store."""
