package dev.assay.local;

import dev.assay.computation.ProblemException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;

/// TCP ports on loopback.
final class Ports {

    private Ports() {}

    /// @throws ProblemException `port-in-use`, naming the service that wanted it
    static void requireFree(String service, int port) {
        if (!isFree(port)) {
            throw inUse(service, port);
        }
    }

    static ProblemException inUse(String service, int port) {
        return new ProblemException(
                "port-in-use",
                service,
                "port " + port + " on 127.0.0.1 is already in use by another program",
                "stop that program, or choose other ports with --port-base N");
    }

    static boolean isFree(int port) {
        try (var socket = new ServerSocket()) {
            // As the servers themselves do: a port whose last connections linger in TIME_WAIT counts as free.
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException taken) {
            return false;
        }
    }

    /// Different ports that were free a moment ago. Another program may take one before it is used, so whoever
    /// starts a server on one must be ready to try again.
    static List<Integer> free(int count) throws IOException {
        var sockets = new ArrayList<ServerSocket>(count);
        try {
            var ports = new ArrayList<Integer>(count);
            for (int i = 0; i < count; i++) {
                var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                sockets.add(socket);
                ports.add(socket.getLocalPort());
            }
            return List.copyOf(ports);
        } finally {
            for (ServerSocket socket : sockets) {
                socket.close();
            }
        }
    }
}
