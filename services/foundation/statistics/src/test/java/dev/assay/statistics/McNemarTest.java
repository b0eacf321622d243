package dev.assay.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.math.BigInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class McNemarTest {

    /// Agresti, "Categorical Data Analysis", approval of the Prime Minister: 150 and 86 changed their mind. The
    /// exact two-sided p is 3.716e-05 (R, exact2x2::mcnemar.exact).
    @Test
    void theApprovalRatingsGiveThePublishedP() {
        assertThat(McNemar.exact(150, 86).pValue()).isCloseTo(3.716e-5, within(5e-9));
    }

    /// 2·Σ C(n,k)/2ⁿ for k up to the smaller count, in exact integers.
    @Property(tries = 200)
    void pIsTwiceTheBinomialTail(
            @ForAll @IntRange(max = 120) int firstOnly, @ForAll @IntRange(max = 120) int secondOnly) {
        int n = firstOnly + secondOnly;
        BigInteger sum = BigInteger.ZERO;
        BigInteger choose = BigInteger.ONE;
        for (int k = 0; k <= Math.min(firstOnly, secondOnly); k++) {
            sum = sum.add(choose);
            choose = choose.multiply(BigInteger.valueOf(n - k)).divide(BigInteger.valueOf(k + 1));
        }
        double expected = Math.min(1, 2 * sum.doubleValue() / Math.pow(2, n));
        double p = McNemar.exact(firstOnly, secondOnly).pValue();
        assertThat(p).isCloseTo(expected, within(1e-10 * expected));
        assertThat(McNemar.exact(secondOnly, firstOnly).pValue()).isEqualTo(p);
    }

    @Test
    void answersAreCountedWhereExactlyOneIsRight() {
        boolean[] first = {true, true, false, false, true};
        boolean[] second = {true, false, true, false, false};
        McNemar test = McNemar.exact(first, second);
        assertThat(test.firstOnly()).isEqualTo(2);
        assertThat(test.secondOnly()).isEqualTo(1);
        assertThat(test.pValue()).isEqualTo(1);
    }

    @Test
    void withoutDiscordantSamplesThereIsNoEvidence() {
        assertThat(McNemar.exact(0, 0).pValue()).isEqualTo(1);
    }

    @Test
    void answersOnDifferentSamplesAreRefused() {
        assertThatThrownBy(() -> McNemar.exact(new boolean[2], new boolean[3]))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
