"""Acts on callbacks: receive and keep first, apply later, in any order of arrival."""
