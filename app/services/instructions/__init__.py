"""Acts on instructions: begin a sending, record its answer, list."""
