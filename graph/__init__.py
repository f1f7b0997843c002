"""What is known: records and Cypher over Bolt."""
