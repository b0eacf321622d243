package dev.assay.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.computation.ProblemException;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OptionsTest {

    private static final Set<String> ACCEPTED = Set.of("--port-base", "--no-aot", "-f");

    @ParameterizedTest
    @ValueSource(strings = {"--port-base 8000 --no-aot attack", "attack --no-aot --port-base=8000"})
    void readsOptionsInAnyOrder(String words) {
        Options options = Options.parse("up", List.of(words.split(" ")), ACCEPTED);
        assertThat(options.has(Options.NO_AOT)).isTrue();
        assertThat(options.has(Options.FOLLOW)).isFalse();
        assertThat(options.operands()).containsExactly("attack");
        assertThat(options.ports()).isEqualTo(new PortPlan(8000, 8002, 8003, 8011, 8012, 8013));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--port-bases 1", "--port-base", "--port-base many", "--port-base 80", "--port-base 65530"})
    void refusesWhatItDoesNotKnowAndSaysWhatWouldBeRight(String words) {
        assertThatThrownBy(() ->
                        Options.parse("up", List.of(words.split(" ")), ACCEPTED).ports())
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        problem -> assertThat(problem.oneLine()).contains("--port-base"));
    }

    @Test
    void freePortsAreAllDifferent() throws Exception {
        PortPlan ports = PortPlan.free();
        assertThat(List.of(
                        ports.gateway(),
                        ports.broker(),
                        ports.redis(),
                        ports.loading(),
                        ports.training(),
                        ports.attack()))
                .doesNotHaveDuplicates();
    }
}
