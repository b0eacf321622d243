package dev.assay.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.computation.ProblemException;
import java.util.Arrays;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class SplitTest {

    @Property(tries = 200)
    void everySampleIsInOnePartAndEveryClassGivesItsShare(
            @ForAll @Size(min = 2, max = 200) @IntRange(max = 4) int[] drawn,
            @ForAll @DoubleRange(min = 0.05, max = 0.95) double fraction,
            @ForAll long seed) {
        int[] labels = drawn.clone();
        labels[0] = 5; // so that there are two classes
        Split split = Split.stratified(labels, fraction, seed);
        assertThat(IntStream.concat(Arrays.stream(split.training()), Arrays.stream(split.heldOut()))
                        .sorted())
                .containsExactly(IntStream.range(0, labels.length).boxed().toArray(Integer[]::new));
        for (int label = 0; label < 5; label++) {
            int wanted = label;
            long members = Arrays.stream(labels).filter(l -> l == wanted).count();
            long held = Arrays.stream(split.heldOut())
                    .filter(s -> labels[s] == wanted)
                    .count();
            if (members >= 2) {
                assertThat(held).isBetween(1L, members - 1);
                assertThat(Math.abs(held - members * fraction)).isLessThanOrEqualTo(1);
            } else {
                assertThat(held).isZero();
            }
        }
    }

    @Test
    void theSameSeedGivesTheSameSplitAndAnotherOneAnother() {
        int[] labels = IntStream.range(0, 200).map(i -> i % 4).toArray();
        assertThat(Split.stratified(labels, 0.2, 1).heldOut())
                .isEqualTo(Split.stratified(labels, 0.2, 1).heldOut())
                .isNotEqualTo(Split.stratified(labels, 0.2, 2).heldOut());
    }

    @Test
    void whatCannotBeSplitIsRefused() {
        assertThatThrownBy(() -> Split.stratified(new int[0], 0.2, 1)).isInstanceOf(ProblemException.class);
        assertThatThrownBy(() -> Split.stratified(new int[] {3, 3, 3}, 0.2, 1))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("class 3");
        assertThatThrownBy(() -> Split.stratified(new int[] {0, 1}, 1, 1)).isInstanceOf(ProblemException.class);
    }
}
