package dev.assay.worker.quarkus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SlotsTest {

    private static final long GIBIBYTE = 1L << 30;

    @Test
    void aNumberIsTakenAsItStandsAndNoDeviceIsAsked() {
        assertThat(Slots.of("3", GIBIBYTE, () -> {
                    throw new AssertionError("nobody should ask");
                }))
                .isEqualTo(3);
    }

    @Test
    void automaticSlotsAreAsManyAsFitIntoTheDevicesMemory() {
        assertThat(Slots.of("auto", 24 * GIBIBYTE, () -> 80 * GIBIBYTE)).isEqualTo(3);
    }

    @Test
    void aSmallDeviceStillHasOneSlotAndALargeOneNotMoreThanAWorkerMayHave() {
        assertThat(Slots.of("auto", 4 * GIBIBYTE, () -> GIBIBYTE)).isEqualTo(1);
        assertThat(Slots.of("auto", GIBIBYTE, () -> 4_096 * GIBIBYTE)).isEqualTo(64);
    }

    @Test
    void thisMachineTellsItsMemory() {
        assertThat(Slots.machineMemory()).isGreaterThan(Runtime.getRuntime().totalMemory());
    }

    @Test
    void anythingElseIsRefusedWithWhatWouldBeRight() {
        assertThatThrownBy(() -> Slots.of("many", GIBIBYTE, () -> GIBIBYTE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'many'")
                .hasMessageContaining("auto");
    }
}
