"""The feed under 16 writers and 16 readers that die at random: nothing lost, nothing twice."""

from tests.feed.storm import storm

SECONDS = 4.0


async def test_a_storm_loses_nothing_and_repeats_nothing(fresh_database_url: str) -> None:
    outcome = await storm(fresh_database_url, SECONDS, seed=6)
    assert outcome.committed > 50
    assert outcome.killed > 3
    assert outcome.readers_died > 10
    assert (outcome.lost, outcome.twice, outcome.out_of_order) == (0, 0, 0)
