package dev.assay.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RuntimeVersionTest {

    @Test
    void theRuntimeSaysItsNameAndItsVersion() {
        assertThat(RuntimeVersion.current()).matches("ONNX Runtime \\d+\\.\\d+\\.\\d+");
    }
}
