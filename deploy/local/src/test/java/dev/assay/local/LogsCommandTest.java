package dev.assay.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.computation.ProblemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogsCommandTest {

    @TempDir
    Path folder;

    @Test
    void tailsTheLastLinesOfAHugeFile() throws Exception {
        Path log = Files.writeString(folder.resolve("x.log"), "padding\n".repeat(500_000) + "one\ntwo\nthree\n");
        assertThat(LogsCommand.tail(log, 2)).containsExactly("two", "three");
    }

    @ParameterizedTest
    @ValueSource(strings = {"nobody", "../run/mesh"})
    void namesAServiceThatHasNoLog(String service) {
        var home = new HomeFolder(folder);
        home.create();
        Options options = Options.parse("logs", List.of(service), Set.of());
        assertThatThrownBy(() -> new LogsCommand(home, options).run())
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        problem -> assertThat(problem.oneLine()).contains(service, "./assay status"));
    }
}
