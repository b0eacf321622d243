package dev.assay.cli.mesh;

import dev.assay.computation.ProblemException;
import java.time.Duration;
import java.time.Instant;

/// How long a follower waits, and for what.
///
/// @param silence without an event until the job itself is asked
/// @param between two attempts to take up the stream
/// @param settling between two questions for a state that was announced already
/// @param lost without any answer until the gateway is given up
record Patience(Duration silence, Duration between, Duration settling, Duration lost) {

    static final Patience USUAL =
            new Patience(Duration.ofSeconds(20), Duration.ofSeconds(1), Duration.ofMillis(20), Duration.ofSeconds(60));

    Contact start() {
        return new Contact(lost);
    }

    /// When the gateway was last heard of.
    static final class Contact {

        private final Duration lost;
        private Instant last = Instant.now();

        private Contact(Duration lost) {
            this.lost = lost;
        }

        void renew() {
            last = Instant.now();
        }

        /// @throws ProblemException `gateway-lost`
        void requireNotLost(String job, Exception cause) {
            if (Duration.between(last, Instant.now()).compareTo(lost) > 0) {
                throw new ProblemException(
                        "gateway-lost",
                        "job " + job,
                        "the gateway has not answered for " + lost.toSeconds() + " s; the job is not lost with it",
                        "when the gateway is back: ./assay jobs show " + job,
                        cause);
            }
        }
    }
}
