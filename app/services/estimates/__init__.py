"""What every cover would pay for a draft, before anything is filed."""
