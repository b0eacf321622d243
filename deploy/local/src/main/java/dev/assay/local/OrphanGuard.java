package dev.assay.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// Ends the services when their supervisor dies without a word (`kill -9`). A small shell process is told over
/// its input which pids live; when that input ends without a goodbye, the supervisor is gone, and the shell
/// ends them.
final class OrphanGuard implements AutoCloseable {

    /// TERM first, KILL ten seconds later for those that did not go.
    private static final String SCRIPT = """
            trap '' INT HUP TERM
            pids=
            while read -r verb pid; do
              case $verb in
                watch) pids="$pids $pid" ;;
                forget) kept=; for p in $pids; do [ "$p" = "$pid" ] || kept="$kept $p"; done; pids=$kept ;;
                goodbye) exit 0 ;;
              esac
            done
            [ -n "$pids" ] || exit 0
            kill -TERM $pids 2>/dev/null
            for second in 1 2 3 4 5 6 7 8 9 10; do
              alive=; for p in $pids; do kill -0 "$p" 2>/dev/null && alive="$alive $p"; done
              pids=$alive
              [ -n "$pids" ] || exit 0
              sleep 1
            done
            kill -KILL $pids 2>/dev/null
            """;

    private final Process shell;
    private final Writer orders;

    private OrphanGuard(Process shell) {
        this.shell = shell;
        this.orders = shell.outputWriter(StandardCharsets.US_ASCII);
    }

    static OrphanGuard start() throws IOException {
        return new OrphanGuard(new ProcessBuilder(OwnSession.command(List.of("/bin/sh", "-c", SCRIPT)))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start());
    }

    /// From now on this process ends with the supervisor.
    void watch(long pid) {
        order("watch " + pid);
    }

    /// The process has ended; its pid may belong to somebody else soon.
    void forget(long pid) {
        order("forget " + pid);
    }

    /// An orderly end: the supervisor has stopped its services itself.
    @Override
    public void close() {
        order("goodbye");
    }

    long pid() {
        return shell.pid();
    }

    private synchronized void order(String line) {
        try {
            orders.write(line + "\n");
            orders.flush();
        } catch (IOException gone) {
            // Without its guard the mesh works as well; only a kill -9 of the supervisor would leave orphans.
            if (shell.isAlive()) {
                throw new UncheckedIOException(gone);
            }
        }
    }
}
