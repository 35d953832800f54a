"""What waits for the caller (我的待办)."""
