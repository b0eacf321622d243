package dev.assay.perturbation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.computation.ProblemException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ThreatModelTest {

    @ParameterizedTest
    @CsvSource({
        "linf:8/255, linf:8/255, 0.03137254901960784",
        "linf:0.50, linf:0.5, 0.5",
        "linf:1, linf:1, 1",
        "l2:0.5, l2:0.5, 0.5",
        "l2:1.5/3, l2:1.5/3, 0.5",
        "l2:1000, l2:1000, 1000",
        "linf:0.000000000001, linf:0.000000000001, 1e-12"
    })
    void aThreatIsReadAndWrittenInItsCanonicalForm(String text, String canonical, double epsilon) {
        ThreatModel threat = ThreatModel.parse(text);

        assertThat(threat.text()).isEqualTo(canonical);
        assertThat(ThreatModel.parse(threat.text())).isEqualTo(threat);
        assertThat(threat.epsilon().doubleValue()).isEqualTo(epsilon);
    }

    @Test
    void equalFractionsAreTheSameThreatHoweverWritten() {
        assertThat(ThreatModel.parse("linf:8/255")).isEqualTo(ThreatModel.parse("linf:16/510"));
        assertThat(ThreatModel.parse("linf:0.3").hashCode())
                .isEqualTo(ThreatModel.parse("linf:3/10").hashCode());
        assertThat(ThreatModel.parse("linf:8/255")).isNotEqualTo(ThreatModel.parse("linf:0.031372549020"));
    }

    @Test
    void epsilonIsOneCorrectlyRoundedDivision() {
        assertThat(Epsilon.parse("8/255").floatValue()).isEqualTo(8f / 255f);
        assertThat(Epsilon.parse("8/255").doubleValue()).isEqualTo(8.0 / 255.0);
    }

    @ParameterizedTest
    @CsvSource({
        "linf:8, 'linf:8 has the epsilon 8.0; accepted for L∞ are 0 < epsilon <= 1', linf:8/255",
        "linf:0, 'linf:0 has the epsilon 0.0; accepted for L∞ are 0 < epsilon <= 1', linf:8/255",
        "l2:0/3, 'l2:0/3 has the epsilon 0.0; accepted for L2 are 0 < epsilon <= 1000', l2:0.5",
        "l2:1000.1, 'l2:1000.1 has the epsilon 1000.1; accepted for L2 are 0 < epsilon <= 1000', l2:0.5",
        "l2:1/0, 'the epsilon 1/0 divides by zero', 8/255"
    })
    void anEpsilonOutOfRangeIsRefusedNamingWhatIsAccepted(String text, String detail, String cure) {
        assertThatThrownBy(() -> ThreatModel.parse(text)).isInstanceOfSatisfying(ProblemException.class, problem -> {
            assertThat(problem.type()).isEqualTo("epsilon-out-of-range");
            assertThat(problem.detail()).contains(detail);
            assertThat(problem.remedy()).contains(cure);
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "linf", "linf:", "l1:0.5", "linf:-1", "linf:1e-3", "linf:8/255/2", "linf: 8/255", "l2:NaN"})
    void otherTextIsRefusedWithAnExample(String text) {
        assertThatThrownBy(() -> ThreatModel.parse(text)).isInstanceOfSatisfying(ProblemException.class, problem -> {
            assertThat(problem.type()).isEqualTo("malformed-threat");
            assertThat(problem.remedy()).contains("8/255");
        });
    }
}
