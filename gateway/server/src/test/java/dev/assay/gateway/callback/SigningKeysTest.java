package dev.assay.gateway.callback;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.computation.ProblemException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SigningKeysTest {

    private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private static final String OTHER = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";

    /// The example of the scheme's own reference implementations.
    private static final String ID = "msg_p5jXN8AQM9LWM0D4loKWxJek";

    private static final long TIME = 1_614_265_330;
    private static final byte[] BODY = "{\"test\": 2432232314}".getBytes(UTF_8);
    private static final String SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    @Test
    void theSignatureIsThatOfThePublishedExample() {
        assertThat(SigningKeys.of(SECRET).signature(ID, TIME, BODY)).isEqualTo(SIGNATURE);
        assertThat(SigningKeys.of("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n").signature(ID, TIME, BODY))
                .isEqualTo(SIGNATURE);
    }

    @Test
    void whileOneSecretReplacesAnotherBothSign() {
        String both = SigningKeys.of(OTHER + "\n" + SECRET + "\n").signature(ID, TIME, BODY);
        assertThat(both.split(" ")).hasSize(2).endsWith(SIGNATURE).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "  ", "whsec_c2hvcnQ=", "no base64 at all!", "whsec_"})
    void aSecretThatIsNoneIsRefusedAndNotRepeated(String secret) {
        assertThatThrownBy(() -> SigningKeys.of(secret)).isInstanceOfSatisfying(ProblemException.class, problem -> {
            assertThat(problem.type()).isEqualTo("malformed-secret");
            assertThat(problem.oneLine()).doesNotContain("c2hvcnQ", "at all!");
        });
    }
}
