package dev.assay.product;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.contract.Problems;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// docs/problems.md against the sources: users look a problem up by its type.
class PublishedProblemsTest {

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern RAISED = Pattern.compile("new ProblemException\\(\\s*([^,]+),");
    private static final Pattern SUBCLASS = Pattern.compile("extends ProblemException\\b");
    private static final Pattern OWN_TYPE = Pattern.compile("super\\(\\s*\"([a-z0-9-]+)\"");
    private static final Pattern LITERAL = Pattern.compile("\"([a-z0-9-]+)\"");

    /// The problem of another exception, told again with a better subject.
    private static final Pattern PASSED_ON = Pattern.compile("\\w+\\.type\\(\\)");

    private static final Pattern NAME = Pattern.compile("`([a-z0-9-]+)`");

    private record Source(Path file, String text) {}

    private static List<Source> sources;
    private static Map<String, String> published;

    @BeforeAll
    static void read() throws IOException {
        sources = new ArrayList<>();
        for (String part : List.of("shared-proto", "services", "gateway", "deploy")) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(part))) {
                for (Path file :
                        files.filter(PublishedProblemsTest::isProductSource).toList()) {
                    sources.add(new Source(file, Files.readString(file)));
                }
            }
        }
        published = published();
    }

    @Test
    void everyTypeIsWrittenWhereItIsRaisedSoThatItCanBeFound() {
        assertThat(sources)
                .allSatisfy(source -> assertThat(RAISED.matcher(source.text()).results())
                        .as(source.file().toString())
                        .allSatisfy(raised -> assertThat(raised.group(1).strip())
                                .satisfiesAnyOf(
                                        type -> assertThat(type).matches(LITERAL),
                                        type -> assertThat(type).matches(PASSED_ON))));
    }

    @Test
    void thePageNamesExactlyTheTypesThatTheProductRaises() {
        Set<String> raised = raised();
        assertThat(raised).contains("malformed-model", "too-many-jobs", "usage").hasSizeGreaterThan(100);

        assertThat(published.keySet()).containsExactlyInAnyOrderElementsOf(raised);
    }

    @Test
    void thePageTellsTheStatusThatTheGatewayAnswersWith() {
        assertThat(published).allSatisfy((type, second) -> {
            if (second.matches("\\d+")) {
                assertThat(second).as(type).isEqualTo(Integer.toString(Problems.status(type)));
            } else {
                assertThat(second)
                        .as(type)
                        .matches("command line|launcher|command line, launcher|launcher, command line");
            }
        });
    }

    private static Set<String> raised() {
        Set<String> types = new TreeSet<>();
        for (Source source : sources) {
            collect(RAISED, source.text()).forEach(first -> types.addAll(collect(LITERAL, first)));
            if (SUBCLASS.matcher(source.text()).find()) {
                types.addAll(collect(OWN_TYPE, source.text()));
            }
        }
        return types;
    }

    /// What a table says of each type in its second column: the status, or where it is told.
    private static Map<String, String> published() throws IOException {
        Map<String, String> types = new TreeMap<>();
        for (String line : Files.readAllLines(ROOT.resolve("docs/problems.md"))) {
            if (line.startsWith("| `")) {
                String[] columns = line.split("\\|");
                for (String type : collect(NAME, columns[1])) {
                    assertThat(types.put(type, columns[2].strip()))
                            .as(type + " is told twice")
                            .isNull();
                }
            }
        }
        return types;
    }

    private static List<String> collect(Pattern pattern, String text) {
        return pattern.matcher(text).results().map(found -> found.group(1)).toList();
    }

    private static boolean isProductSource(Path file) {
        String path = file.toString();
        return path.endsWith(".java") && path.contains("/src/main/java/");
    }
}
