package dev.assay.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.assay.computation.ProblemException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceTest {

    @Test
    void theCpuIsAlwaysThere() {
        assertThat(Device.parse("cpu")).isEqualTo(new Device.Cpu());
        assertThat(Device.parse("auto")).isNotNull();
    }

    @Test
    void aGpuThatIsNotThereIsAnsweredWithTheCure() {
        assumeFalse(CudaDevices.isUsable(0), "this machine has a GPU and this build can use it");
        assertThatThrownBy(() -> Device.parse("cuda:0")).isInstanceOfSatisfying(ProblemException.class, problem -> {
            assertThat(problem.type()).isEqualTo("device-unavailable");
            assertThat(problem.oneLine()).contains("cuda:0").contains("cpu");
        });
        assertThat(Device.parse("auto")).isEqualTo(new Device.Cpu());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "gpu", "cuda:", "cuda:-1", "CPU", "cuda:1000000"})
    void otherTextIsAnsweredWithWhatIsKnown(String text) {
        assertThatThrownBy(() -> Device.parse(text))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        problem -> assertThat(problem.type()).isEqualTo("invalid-device"));
    }
}
