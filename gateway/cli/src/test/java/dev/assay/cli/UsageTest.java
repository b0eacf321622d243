package dev.assay.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.cli.Terminal.Outcome;
import dev.assay.contract.Operation;
import dev.assay.contract.Operations;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What the command line says to those who mistype, or ask for help; no gateway runs.
class UsageTest {

    private static final String NOWHERE = "http://127.0.0.1:1";

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            atack evaluate                     | there is no command 'atack' (did you mean attack?)
            attack evalaute                    | attack has no operation 'evalaute' (did you mean evaluate?)
            attack evaluate --treat=l2:1       | attack evaluate has no flag --treat (did you mean --threat?)
            attack evaluate l2:1               | attack evaluate takes no value 'l2:1' here (a flag's value follows its name; see ./assay attack evaluate --help)
            attack evaluate --steps=x          | --steps: 'x' is not an integer (give a whole number, such as 20)
            attack evaluate --model=./a.onnx   | --model: there is no file or folder './a.onnx' (name a file, a registered name, or sha256:… of an artifact)
            attack evaluate --spec=none.json   | --spec: 'none.json' cannot be read: none.json (give a JSON file in UTF-8, or - for standard input)
            jobs show                          | Missing required parameter: '<id>' (see ./assay jobs show --help)
            jobs list --gateway=nowhere        | --gateway: 'nowhere' is no HTTP address (give one such as http://127.0.0.1:7700)
            """)
    void aWrongCommandLineIsAnsweredInOneLineThatNamesTheRightOne(String line, String answer) {
        Outcome outcome = Terminal.at(NOWHERE).run(line.strip().split(" "));

        assertThat(outcome.code()).isEqualTo(2);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err()).isEqualTo("assay: " + answer + "\n");
    }

    @Test
    void anUnreachableGatewayIsNamedWithItsCure() throws IOException {
        String closed;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            closed = "http://127.0.0.1:" + socket.getLocalPort();
        }

        Outcome outcome = Terminal.at(closed).run("jobs", "list");

        assertThat(outcome.code()).isEqualTo(2);
        assertThat(outcome.err())
                .isEqualTo("assay: no gateway answers at " + closed
                        + " (start the mesh with: ./assay up, or name another one with --gateway)\n");
    }

    @Test
    void verboseAddsWhereAndStillSaysWhatFirst() {
        Outcome outcome = Terminal.at(NOWHERE).run("jobs", "list", "--verbose");

        assertThat(outcome.err().lines()).first().asString().startsWith("assay: no gateway answers");
        assertThat(outcome.err()).contains("\tat dev.assay.cli");
    }

    @Test
    void withoutAnOperationTheOperationsAreShown() {
        Outcome outcome = Terminal.at(NOWHERE).run("attack");

        assertThat(outcome.code()).isEqualTo(2);
        assertThat(outcome.err()).contains("evaluate  Measures clean accuracy");
    }

    @Test
    void everyOperationHasHelpFromItsContract() {
        for (Operation operation : Operations.all()) {
            Outcome outcome = Terminal.at(NOWHERE).run(operation.capability(), operation.name(), "--help");

            assertThat(outcome.code()).isZero();
            assertThat(outcome.out()).contains("Usage: assay " + operation, "--spec=<file|->", "--gateway=<url>");
        }
    }

    @Test
    void helpOfACommandIsTheSameBothWays() {
        assertThat(Terminal.at(NOWHERE).run("help", "attack", "evaluate").out())
                .isEqualTo(
                        Terminal.at(NOWHERE).run("attack", "evaluate", "--help").out())
                .contains("Gradient steps per restart. At least 1, at most 10000.");
    }

    @Test
    void versionAndCompletionNeedNoGateway() {
        assertThat(Terminal.at(NOWHERE).run("version").out()).matches("assay \\d+\\.\\d+\\.\\d+ \\(Java .*\\)\n");
        assertThat(Terminal.at(NOWHERE).run("completion").out()).contains("--random-start", "complete -F");
    }
}
