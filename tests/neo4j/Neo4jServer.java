import static org.neo4j.configuration.GraphDatabaseSettings.DEFAULT_DATABASE_NAME;
import static org.neo4j.configuration.GraphDatabaseSettings.SYSTEM_DATABASE_NAME;
import static org.neo4j.configuration.GraphDatabaseSettings.auth_enabled;
import static org.neo4j.configuration.GraphDatabaseSettings.pagecache_memory;

import java.nio.file.Path;
import java.util.Map;
import org.neo4j.configuration.connectors.BoltConnector;
import org.neo4j.configuration.connectors.ConnectorPortRegister;
import org.neo4j.configuration.connectors.ConnectorType;
import org.neo4j.configuration.helpers.SocketAddress;
import org.neo4j.dbms.api.DatabaseManagementService;
import org.neo4j.dbms.api.DatabaseManagementServiceBuilder;
import org.neo4j.kernel.internal.GraphDatabaseAPI;

/** A Neo4j on a loopback port (0: a free one) until standard input ends. Usage: Neo4jServer FOLDER PORT, password in NEO4J_PASSWORD. */
public class Neo4jServer {
    private static final String PASSWORD = "CREATE OR REPLACE USER neo4j SET PASSWORD $password CHANGE NOT REQUIRED";

    public static void main(String[] arguments) throws Exception {
        DatabaseManagementService service = new DatabaseManagementServiceBuilder(Path.of(arguments[0]))
                .setConfig(BoltConnector.enabled, true)
                .setConfig(BoltConnector.listen_address, new SocketAddress("127.0.0.1", Integer.parseInt(arguments[1])))
                .setConfig(auth_enabled, true)
                .setConfig(pagecache_memory, 256L << 20)
                .build();
        Runtime.getRuntime().addShutdownHook(new Thread(service::shutdown));
        service.database(SYSTEM_DATABASE_NAME)
                .executeTransactionally(PASSWORD, Map.of("password", System.getenv("NEO4J_PASSWORD")));
        System.out.println("ready " + port(service));
        System.setOut(System.err); // nobody reads the pipe after this line
        while (System.in.read() != -1) { /* the pipe closes when the process that started us ends, however it ends */ }
        System.exit(0);
    }

    private static int port(DatabaseManagementService service) {
        GraphDatabaseAPI database = (GraphDatabaseAPI) service.database(DEFAULT_DATABASE_NAME);
        return database.getDependencyResolver()
                .resolveDependency(ConnectorPortRegister.class)
                .getLocalAddress(ConnectorType.BOLT)
                .getPort();
    }
}
