package dev.assay.worker;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/// Ids of jobs that come with a key: the same key gives the same id on every gateway and worker.
final class JobIds {

    private static final String ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
    private static final int LENGTH = 26;

    private JobIds() {}

    /// In the form of {@link dev.assay.contract.JobId}: 130 bits of a hash, so two keys never meet by chance.
    ///
    /// @param tenant empty for the one without a name
    static String ofKey(String capability, String tenant, String key) {
        MessageDigest digest = Digests.sha256();
        if (!tenant.isEmpty()) {
            digest.update(tenant.getBytes(StandardCharsets.UTF_8));
            digest.update((byte) 0);
        }
        digest.update(capability.getBytes(StandardCharsets.UTF_8));
        digest.update((byte) 0);
        byte[] hash = digest.digest(key.getBytes(StandardCharsets.UTF_8));
        StringBuilder id = new StringBuilder(LENGTH);
        for (int i = 0; i < LENGTH; i++) {
            id.append(ALPHABET.charAt(hash[i] & 31));
        }
        return id.toString();
    }
}
