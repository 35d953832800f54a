"""Acts on payouts held: an invariant that names their policy is broken, we order none."""
