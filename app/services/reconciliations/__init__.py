"""Acts on days of reconciliation (对账): compare, own, resolve, carry forward, close and sign."""
