package dev.assay.gateway.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import dev.assay.computation.ProblemException;
import dev.assay.contract.Json;
import dev.assay.pipeline.v1.RunRequest;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PipelinePlanTest {

    private static final String IMPORT = """
            {"name": "import", "capability": "loading", "operation": "import", "request": {"source": "digits.npz"}}""";
    private static final String TRAIN = """
            {"name": "train", "capability": "training", "operation": "train",
             "request": {"data": "${import.artifacts.data.beton}", "architecture": "cnn-small"}}""";
    private static final String ATTACK = """
            {"name": "attack", "capability": "attack", "operation": "evaluate", "after": ["import"],
             "request": {"model": "${train.result.model}", "data": "${import.artifacts.test.beton}",
                         "threat": ["linf:8/255"]}}""";

    @Test
    void aStepIsReadyWhenWhatItNamesHasSucceeded() {
        PipelinePlan plan = plan(ATTACK, TRAIN, IMPORT);
        assertThat(names(plan, Set.of(), Set.of())).containsExactly("import");
        assertThat(names(plan, Set.of("import"), Set.of())).isEmpty();
        assertThat(names(plan, Set.of("import"), Set.of("import"))).containsExactly("train");
        assertThat(names(plan, Set.of("import", "train"), Set.of("import", "train")))
                .containsExactly("attack");
    }

    @Test
    void aBindingBecomesItsValueOrIsWrittenIntoItsText() {
        JsonObject request = JsonParser.parseString("""
                        {"a": "${x.result.n}", "b": ["is ${x.result.n}%", 3], "c": {"d": "${y.artifacts.f.bin}"}, "e": "$"}
                        """).getAsJsonObject();
        assertThat(Binding.in(request)).extracting(Binding::step).containsExactly("x", "x", "y");
        assertThat(Binding.bound(
                                request,
                                binding -> binding.step().equals("x")
                                        ? new JsonPrimitive(0.5)
                                        : new JsonPrimitive("sha256:…"))
                        .toString())
                .isEqualTo("{\"a\":0.5,\"b\":[\"is 0.5%\",3],\"c\":{\"d\":\"sha256:…\"},\"e\":\"$\"}");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            cyclic-pipeline   | a, b      | {"name":"a","capability":"loading","operation":"import","request":{"source":"x"},"after":["b"]}, {"name":"b","capability":"loading","operation":"import","request":{"source":"x"},"after":["a"]}
            unknown-step      | import    | {"name":"import","capability":"loading","operation":"import","request":{"source":"${improt.artifacts.x}"}}
            duplicate-step    | a         | {"name":"a","capability":"loading","operation":"import","request":{"source":"x"}}, {"name":"a","capability":"loading","operation":"import","request":{"source":"x"}}
            malformed-binding | ${b.file} | {"name":"a","capability":"loading","operation":"import","request":{"source":"${b.file}"}}
            unknown-operation | a         | {"name":"a","capability":"loading","operation":"improt","request":{"source":"x"}}
            unknown-field     | a         | {"name":"a","capability":"loading","operation":"import","request":{"sauce":"${b.artifacts.c}","sourse":"x"}}
            invalid-request   | a         | {"name":"a","capability":"loading","operation":"import","request":{"source":"x","testFraction":7}}
            """)
    void whatIsWrongIsSaidBeforeAnythingRuns(String type, String names, String steps) {
        assertThatThrownBy(() -> plan(steps)).isInstanceOfSatisfying(ProblemException.class, problem -> {
            assertThat(problem.type()).isEqualTo(type);
            assertThat(problem.detail() + problem.remedy()).contains(names);
        });
    }

    private static PipelinePlan plan(String... steps) {
        var request = RunRequest.newBuilder();
        Json.parse("{\"steps\": [" + String.join(", ", steps) + "]}", request);
        return PipelinePlan.of(request.build());
    }

    private static Iterable<String> names(PipelinePlan plan, Set<String> begun, Set<String> succeeded) {
        return plan.ready(begun, succeeded).stream()
                .map(PipelinePlan.PlannedStep::name)
                .toList();
    }
}
