"""The same reads over HTTP from one live graph: this server, the usual ones, and no GraphQL at all."""
