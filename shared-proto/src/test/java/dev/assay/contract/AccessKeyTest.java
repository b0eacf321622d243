package dev.assay.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.computation.ProblemException;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AccessKeyTest {

    @Test
    void anEntryIsReadAsItWasWrittenAndKnowsItsKeyOnly() {
        String key = AccessKey.generate();
        AccessKey entry = AccessKey.of("ci", Set.of(Scope.SUBMIT, Scope.READ), key);

        assertThat(entry.line()).startsWith("ci read,submit sha256:").doesNotContain(key);
        assertThat(AccessKey.parse(entry.line())).isEqualTo(entry);
        assertThat(entry.isOf(key)).isTrue();
        assertThat(entry.isOf(AccessKey.generate())).isFalse();
    }

    @Test
    void aKeyMayBelongToATenant() {
        String key = AccessKey.generate();
        AccessKey entry = AccessKey.of("alice", "acme", Set.of(Scope.READ), key);

        assertThat(entry.line()).startsWith("alice@acme read sha256:");
        assertThat(AccessKey.parse(entry.line())).isEqualTo(entry);
        assertThat(AccessKey.of("alice", Set.of(Scope.READ), key).tenant()).isEqualTo(Tenant.NAMELESS);
        for (String owner : List.of("alice@", "alice@Acme", "alice@a/b", "alice@..", "@acme", "a@b@c")) {
            assertThatThrownBy(() -> AccessKey.parse(owner + " read sha256:" + "0".repeat(64)))
                    .as(owner)
                    .isInstanceOfSatisfying(
                            ProblemException.class,
                            problem -> assertThat(problem.type()).isEqualTo("malformed-key"));
        }
    }

    @Test
    void aKeyHas256RandomBitsAndIsRecognisable() {
        String key = AccessKey.generate();

        assertThat(key).matches("assay_[A-Za-z0-9_-]{43}").isNotEqualTo(AccessKey.generate());
    }

    @Test
    void aKeyWhereItsHashShouldBeIsRefusedAndNotRepeated() {
        String key = AccessKey.generate();

        assertThatThrownBy(() -> AccessKey.parse("ci read " + key))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        problem -> assertThat(problem.oneLine()).doesNotContain(key));
        assertThatThrownBy(() -> AccessKey.parse("ci read sha256:" + key))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        problem -> assertThat(problem.oneLine()).doesNotContain(key));
    }

    @Test
    void anUnknownScopeIsToldWhichThereAre() {
        assertThatThrownBy(() -> AccessKey.parse("ci write sha256:" + "0".repeat(64)))
                .isInstanceOfSatisfying(ProblemException.class, problem -> {
                    assertThat(problem.type()).isEqualTo("malformed-key");
                    assertThat(problem.oneLine()).contains("'write'", "read,submit,register,admin");
                });
    }
}
