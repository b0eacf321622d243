package dev.assay.perturbation;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Remembers what a search told, and that it told of every sample once.
final class Found implements Attacked.Listener {

    record Entry(Attacked.Verdict verdict, int predicted, double distance, float[] point) {}

    private final Map<Integer, Entry> entries = new ConcurrentHashMap<>();

    @Override
    public void found(Attacked attacked) {
        float[] point = new float[attacked.point().remaining()];
        attacked.point().get(attacked.point().position(), point);
        Entry before = entries.put(
                attacked.sample(), new Entry(attacked.verdict(), attacked.predicted(), attacked.distance(), point));
        if (before != null) {
            throw new AssertionError("told twice of sample " + attacked.sample());
        }
    }

    Entry of(int sample) {
        return entries.get(sample);
    }

    boolean isBroken(int sample) {
        return of(sample).verdict() == Attacked.Verdict.BROKEN;
    }

    int size() {
        return entries.size();
    }
}
