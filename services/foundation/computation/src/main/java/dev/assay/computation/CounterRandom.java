package dev.assay.computation;

import java.util.random.RandomGenerator;

/// Counter-based randomness: a stream is a pure function of (seed, purpose, index), so a result does not depend
/// on the
/// number of workers or on the order in which samples are visited. Philox4x32 with ten rounds (Salmon et al.,
/// "Parallel
/// Random Numbers: As Easy as 1, 2, 3", 2011). Not for secrets. An instance belongs to one thread; make as many as
/// needed.
public final class CounterRandom implements RandomGenerator {

    private static final int MULTIPLIER_0 = 0xD2511F53;
    private static final int MULTIPLIER_1 = 0xCD9E8D57;
    private static final int WEYL_0 = 0x9E3779B9;
    private static final int WEYL_1 = 0xBB67AE85;
    private static final int ROUNDS = 10;

    private final long key;
    private final long index;
    private long block;
    private long spare;
    private boolean hasSpare;

    private CounterRandom(long key, long index) {
        this.key = key;
        this.index = index;
    }

    /// The stream of one thing: `of(seed, "pgd-start", sampleIndex)`. Streams of different purposes or indices are
    /// independent for all practical uses.
    public static CounterRandom of(long seed, String purpose, long index) {
        return new CounterRandom(mix(seed ^ mix(hash(purpose))), index);
    }

    @Override
    public long nextLong() {
        if (hasSpare) {
            hasSpare = false;
            return spare;
        }
        int c0 = (int) block;
        int c1 = (int) (block >>> 32);
        int c2 = (int) index;
        int c3 = (int) (index >>> 32);
        int k0 = (int) key;
        int k1 = (int) (key >>> 32);
        for (int round = 0; round < ROUNDS; round++) {
            long product0 = Integer.toUnsignedLong(MULTIPLIER_0) * Integer.toUnsignedLong(c0);
            long product1 = Integer.toUnsignedLong(MULTIPLIER_1) * Integer.toUnsignedLong(c2);
            c0 = (int) (product1 >>> 32) ^ c1 ^ k0;
            c1 = (int) product1;
            c2 = (int) (product0 >>> 32) ^ c3 ^ k1;
            c3 = (int) product0;
            k0 += WEYL_0;
            k1 += WEYL_1;
        }
        block++;
        spare = Integer.toUnsignedLong(c2) | ((long) c3 << 32);
        hasSpare = true;
        return Integer.toUnsignedLong(c0) | ((long) c1 << 32);
    }

    /// A uniformly random order of 0..size-1 (Fisher–Yates).
    public int[] permutation(int size) {
        int[] order = new int[size];
        for (int i = 0; i < size; i++) {
            int j = nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }

    private static long hash(String purpose) {
        long hash =
                0xCBF29CE484222325L; // FNV-1a: stable over JVMs and releases, which String.hashCode also is, in 64 bits
        for (int i = 0; i < purpose.length(); i++) {
            hash = (hash ^ purpose.charAt(i)) * 0x100000001B3L;
        }
        return hash;
    }

    /// The finaliser of SplitMix64, so that seeds 0, 1, 2… give unrelated keys.
    private static long mix(long value) {
        long z = value + 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
