"""THE FILING ROOM: tables, queries, sessions and jobs; the only room that speaks SQL."""
