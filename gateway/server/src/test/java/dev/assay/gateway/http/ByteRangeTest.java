package dev.assay.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.computation.ProblemException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteRangeTest {

    @ParameterizedTest
    @CsvSource({"bytes=0-9,0,10", "bytes=5-,5,95", "bytes=-10,90,10", "bytes=90-200,90,10", "bytes=-500,0,100"})
    void aRangeIsCutToTheFile(String header, long first, long length) {
        assertThat(ByteRange.of(header, 100)).contains(new ByteRange(first, length));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes=0-1,5-6", "lines=0-1", "bytes=-", "bytes=9-3", "nonsense"})
    void whatIsNotASingleRangeMeansTheWholeFile(String header) {
        assertThat(ByteRange.of(header, 100)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes=100-", "bytes=-0"})
    void aRangeAfterTheEndIsRefused(String header) {
        assertThatThrownBy(() -> ByteRange.of(header, 100))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        problem -> assertThat(problem.type()).isEqualTo("range-not-satisfiable"));
    }

    @Test
    void theAnswerSaysWhichPartOfWhat() {
        assertThat(new ByteRange(5, 10).contentRange(100)).isEqualTo("bytes 5-14/100");
    }
}
