"""Acts on bank batches (社银一体化): make one, hand it over, take the bank's answer."""
