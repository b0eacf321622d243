package dev.assay.gateway.callback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.computation.ProblemException;
import dev.assay.worker.OutboundHosts;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CallbacksTest {

    private static final SigningKeys KEYS = SigningKeys.of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    private static final Callbacks ON = new Callbacks(OutboundHosts.of(List.of("127.0.0.1")), Optional.of(KEYS));

    @Test
    void anAddressOfAListedHostIsAccepted() {
        assertThatNoException().isThrownBy(() -> ON.require("http://127.0.0.1:8080/hook?for=assay"));
    }

    @ParameterizedTest
    @CsvSource({
        "http://127.0.0.2/, host-not-allowed",
        "http://hooks.example.org/, host-not-allowed",
        "ftp://127.0.0.1/, host-not-allowed",
        "http://user:word@127.0.0.1/, host-not-allowed",
        "127.0.0.1/hook, host-not-allowed",
        "http://127.0.0.1:99999/, malformed-field",
        "http://127.0.0.1/a b, malformed-field",
    })
    void anyOtherIsRefusedWithTheHeaderThatNamesIt(String address, String type) {
        assertRefused(ON, address, type);
        assertRefused(ON, "http://127.0.0.1/" + "a".repeat(2_000), "malformed-field");
    }

    @Test
    void withoutASecretNobodyIsCalled() {
        Callbacks off = new Callbacks(OutboundHosts.of(List.of("127.0.0.1")), Optional.empty());
        assertThat(off.isOn()).isFalse();
        assertRefused(off, "http://127.0.0.1/", "callbacks-off");
    }

    private static void assertRefused(Callbacks callbacks, String address, String type) {
        assertThatThrownBy(() -> callbacks.require(address)).isInstanceOfSatisfying(ProblemException.class, problem -> {
            assertThat(problem.type()).isEqualTo(type);
            assertThat(problem.subject()).contains("Assay-Callback");
        });
    }
}
