"""Acts on funds that a bureau pays itself: allot money, read the balance."""
