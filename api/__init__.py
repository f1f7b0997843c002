"""What is shown: the GraphQL API and the command."""
