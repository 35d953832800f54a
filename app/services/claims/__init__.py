"""Acts on claims: assess, approve, refer, decide, withdraw, read."""
