"""Reports: figures with the sentences and the claims they are made from; nothing is changed."""
