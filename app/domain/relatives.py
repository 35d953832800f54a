"""近亲属备案: an officer's near relatives, whose claims somebody else approves."""

from enum import StrEnum


class Kinship(StrEnum):
    """How the person is related to the officer who declares it."""

    SPOUSE = "spouse"
    PARENT = "parent"
    CHILD = "child"
    SIBLING = "sibling"
    GRANDPARENT = "grandparent"
    GRANDCHILD = "grandchild"
    IN_LAW = "in_law"
    OTHER = "other"


KINSHIP_ZH: dict[Kinship, str] = {
    Kinship.SPOUSE: "配偶",
    Kinship.PARENT: "父母",
    Kinship.CHILD: "子女",
    Kinship.SIBLING: "兄弟姐妹",
    Kinship.GRANDPARENT: "祖父母、外祖父母",
    Kinship.GRANDCHILD: "孙子女、外孙子女",
    Kinship.IN_LAW: "姻亲",
    Kinship.OTHER: "其他近亲属",
}
