"""Acts on statements (对账单): take one whole or not at all, set a wrong one aside."""
