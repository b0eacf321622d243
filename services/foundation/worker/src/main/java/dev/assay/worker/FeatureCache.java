package dev.assay.worker;

import java.util.Optional;
import java.util.function.Supplier;

/// Features that cost time to compute: projected gradients, logits, embeddings. A cache that is away, full or
/// damaged costs time, never an answer: no method fails because of it. Thread-safe.
public interface FeatureCache {

    /// Keeps nothing.
    FeatureCache NONE = new FeatureCache() {
        @Override
        public Optional<byte[]> get(FeatureKey key) {
            return Optional.empty();
        }

        @Override
        public void put(FeatureKey key, byte[] value) {}
    };

    /// The value as it was put, its checksum verified; empty when it is not there.
    Optional<byte[]> get(FeatureKey key);

    /// Keeps a value until its time or the memory budget runs out. Returns when the value is handed over, or
    /// dropped because the cache is away or the value too large.
    void put(FeatureKey key, byte[] value);

    /// The cached value, or what `computation` makes, which is then kept. Two callers at once may both compute.
    default byte[] getOrCompute(FeatureKey key, Supplier<byte[]> computation) {
        Optional<byte[]> cached = get(key);
        if (cached.isPresent()) {
            return cached.get();
        }
        byte[] value = computation.get();
        put(key, value);
        return value;
    }
}
