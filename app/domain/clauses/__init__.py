"""THE CLAUSES: what terms may say, as data, one file per family of rule shapes."""
