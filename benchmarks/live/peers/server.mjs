// @neo4j/graphql behind Apollo Server or GraphQL Yoga, over the same graph: `node server.mjs apollo|yoga PORT`.
import http from "node:http";
import { Neo4jGraphQL } from "@neo4j/graphql";
import neo4j from "neo4j-driver";

const typeDefs = `
  type Customer @node {
    uid: ID!
    name: String!
    city: String!
    reach: Float! @alias(property: "reachA")
    standing: Float! @alias(property: "standingA")
    advocacy: Float! @alias(property: "advocacyA")
    communities: [Community!]! @relationship(type: "MEMBER_OF", direction: OUT, properties: "Membership")
    mentions: [Mention!]! @relationship(type: "WROTE", direction: OUT)
    advocated: [Customer!]! @relationship(type: "ADVOCATED", direction: OUT, properties: "Advocacy")
  }
  type Community @node {
    uid: ID!
    name: String!
    members: [Customer!]! @relationship(type: "MEMBER_OF", direction: IN, properties: "Membership")
  }
  type Mention @node { uid: ID! text: String! at: String! channel: String! sentiment: Float! }
  type Membership @relationshipProperties { role: String! }
  type Advocacy @relationshipProperties { weight: Float! kind: String! }
`;

const { LIVE_URL, LIVE_USER, LIVE_PASSWORD, LIVE_DATABASE } = process.env;
const driver = neo4j.driver(LIVE_URL, neo4j.auth.basic(LIVE_USER, LIVE_PASSWORD), { telemetryDisabled: true });
const schema = await new Neo4jGraphQL({ typeDefs, driver }).getSchema();
const context = async () => ({ sessionConfig: { database: LIVE_DATABASE } });
const [kind, port] = process.argv.slice(2);
const host = "127.0.0.1";

if (kind === "yoga") {
  const { createYoga } = await import("graphql-yoga");
  http.createServer(createYoga({ schema, logging: false, context })).listen(Number(port), host);
} else {
  const { ApolloServer } = await import("@apollo/server");
  const { startStandaloneServer } = await import("@apollo/server/standalone");
  await startStandaloneServer(new ApolloServer({ schema }), { listen: { port: Number(port), host, path: "/graphql" }, context });
}
