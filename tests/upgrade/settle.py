"""Run by the previous version's code: lays a county with it, and prints the keys of its offices."""

import asyncio
import json
import sys
from pathlib import Path

from tests.chaos.house import House
from tests.chaos.plan import plans

asked = json.load(sys.stdin)
house = House(Path(asked["folder"]), {}, 0.0, asked["seed"])
house.url = asked["url"]
house.database_url = asked["database_url"]
house.insurer_urls = asked["insurer_urls"]
asyncio.run(house.settle(list(plans(asked["claims"], asked["seed"]))))
print(json.dumps(house.tokens))
