"""What blind indexes are made for; each purpose has a key of its own, so none can be joined."""

PERSON_NUMBER = "person.id_number"
PERSON_NAME = "person.name"
SETTLEMENT = "notice.settlement"
ACCOUNT = "payout.account"
NEAR_RELATIVE = "near_relative"
