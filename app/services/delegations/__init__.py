"""Acts on delegations (小额审批权下放): grant, change, list."""
