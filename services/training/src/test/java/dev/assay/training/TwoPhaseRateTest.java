package dev.assay.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.computation.ProblemException;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TwoPhaseRateTest {

    private final TwoPhaseRate rate = new TwoPhaseRate(0.1, 0.005, 0.9, 0.6);

    @Test
    void theLargeStepPhaseComesFirstAndTheSwitchHappensOnce() {
        List<TrainingPhase> phases =
                IntStream.range(0, 5).mapToObj(epoch -> rate.phase(epoch, 5)).toList();

        assertThat(phases)
                .containsExactly(
                        TrainingPhase.LARGE_STEP,
                        TrainingPhase.LARGE_STEP,
                        TrainingPhase.LARGE_STEP,
                        TrainingPhase.SMALL_STEP,
                        TrainingPhase.SMALL_STEP);
    }

    @Test
    void onlyTheSmallStepPhaseHasMomentum() {
        assertThat(rate.rate(TrainingPhase.LARGE_STEP)).isEqualTo(0.1);
        assertThat(rate.momentum(TrainingPhase.LARGE_STEP)).isZero();
        assertThat(rate.rate(TrainingPhase.SMALL_STEP)).isEqualTo(0.005);
        assertThat(rate.momentum(TrainingPhase.SMALL_STEP)).isEqualTo(0.9);
    }

    @Test
    void theEndsOfSwitchAtGiveOnePhaseOnly() {
        assertThat(new TwoPhaseRate(0.1, 0.005, 0.9, 0).phase(0, 7)).isEqualTo(TrainingPhase.SMALL_STEP);
        assertThat(new TwoPhaseRate(0.1, 0.005, 0.9, 1).phase(6, 7)).isEqualTo(TrainingPhase.LARGE_STEP);
    }

    @Test
    void eachFieldIsRefusedOutsideItsBoundByName() {
        assertThatThrownBy(() -> new TwoPhaseRate(0, 0.005, 0.9, 0.6))
                .isInstanceOf(ProblemException.class)
                .hasMessage("large_rate is 0.0");
        assertThatThrownBy(() -> new TwoPhaseRate(0.1, Double.NaN, 0.9, 0.6)).hasMessage("small_rate is NaN");
        assertThatThrownBy(() -> new TwoPhaseRate(0.1, 0.005, 1, 0.6)).hasMessage("momentum is 1.0");
        assertThatThrownBy(() -> new TwoPhaseRate(0.1, 0.005, 0.9, 1.5)).hasMessage("switch_at is 1.5");
    }
}
