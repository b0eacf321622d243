package dev.assay.local;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/// Asks a server on loopback whether it answers in its own protocol. Plain sockets, so that the supervisor
/// stays small. Each returns false when nothing answers as it should within a second.
final class Probes {

    private static final int TIMEOUT_MILLIS = 1000;
    private static final short API_VERSIONS = 18;

    private Probes() {}

    /// PING over RESP.
    static boolean redis(int port) {
        try (var socket = connect(port)) {
            socket.getOutputStream().write("*1\r\n$4\r\nPING\r\n".getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readNBytes(5), StandardCharsets.US_ASCII).equals("+PONG");
        } catch (IOException unanswered) {
            return false;
        }
    }

    /// An ApiVersions request, version 0: answered only once the broker processes requests, which is later
    /// than it binds its port.
    static boolean kafka(int port) {
        try (var socket = connect(port)) {
            int correlation = 7;
            var out = new DataOutputStream(socket.getOutputStream());
            out.writeInt(2 + 2 + 4 + 2);
            out.writeShort(API_VERSIONS);
            out.writeShort(0);
            out.writeInt(correlation);
            out.writeShort(-1); // no client id
            out.flush();
            var in = new DataInputStream(socket.getInputStream());
            return in.readInt() >= 6 && in.readInt() == correlation && in.readShort() == 0;
        } catch (IOException unanswered) {
            return false;
        }
    }

    /// Whether `GET path` answers 200.
    static boolean http(int port, String path) {
        try (var socket = connect(port)) {
            String request = "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            String status = new String(in.readNBytes("HTTP/1.1 200".length()), StandardCharsets.US_ASCII);
            return status.startsWith("HTTP/1.") && status.endsWith(" 200");
        } catch (IOException unanswered) {
            return false;
        }
    }

    private static Socket connect(int port) throws IOException {
        var socket = new Socket();
        try {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MILLIS);
            socket.setSoTimeout(TIMEOUT_MILLIS);
            return socket;
        } catch (IOException refused) {
            socket.close();
            throw refused;
        }
    }
}
