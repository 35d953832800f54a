"""What was assessed, looked at again as a whole: recomputed, and replayed under other terms."""
