package dev.assay.contract;

import java.security.SecureRandom;
import java.time.Instant;

/// Names of jobs: ULIDs in lower case. They sort by the time of submission and cannot be guessed.
public final class JobId {

    private static final String ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
    private static final int LENGTH = 26;
    private static final int TIME_LENGTH = 10;
    private static final SecureRandom RANDOM = new SecureRandom();

    private JobId() {}

    public static String next() {
        byte[] entropy = new byte[LENGTH - TIME_LENGTH];
        RANDOM.nextBytes(entropy);
        return of(Instant.now(), entropy);
    }

    /// @param entropy 16 bytes, of which five bits each are used
    static String of(Instant time, byte[] entropy) {
        StringBuilder id = new StringBuilder(LENGTH);
        long millis = time.toEpochMilli();
        for (int i = TIME_LENGTH - 1; i >= 0; i--) {
            id.append(ALPHABET.charAt((int) (millis >>> (5 * i)) & 31));
        }
        for (byte b : entropy) {
            id.append(ALPHABET.charAt(b & 31));
        }
        return id.toString();
    }

    public static boolean isValid(String id) {
        return id.length() == LENGTH && id.chars().allMatch(c -> ALPHABET.indexOf(c) >= 0);
    }
}
