package dev.assay.attack;

import dev.assay.computation.UnfitCheckpointException;
import dev.assay.perturbation.Attacked;
import dev.assay.perturbation.ImageSource;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/// Keeps what the attacks made of the first samples. Not thread-safe.
final class ExampleKeeper {

    /// Values that may be kept: 64 MiB of floats, so that many threats on large images do not fill the heap.
    private static final int LARGEST = 16 << 20;

    private static final int NOT_KEPT = -1;

    /// By threat, then by sample; null: not attacked under that threat, because wrong without one.
    private final Example.Perturbed[][] kept;

    private final int count;
    private final int imageSize;

    ExampleKeeper(int wanted, int threats, int imageSize) {
        long room = LARGEST / ((long) threats * imageSize);
        this.count = (int) Math.min(wanted, Math.max(1, room));
        this.imageSize = imageSize;
        this.kept = new Example.Perturbed[threats][count];
    }

    /// What broke a sample at a smaller epsilon breaks it at a larger one. A sample that is attacked again
    /// replaces it.
    void carryOver(int smaller, int larger) {
        System.arraycopy(kept[smaller], 0, kept[larger], 0, count);
    }

    void found(int threat, Attacked attacked) {
        if (attacked.sample() < count) {
            FloatBuffer point = attacked.point();
            float[] image = new float[point.remaining()];
            point.get(point.position(), image);
            kept[threat][attacked.sample()] = new Example.Perturbed(image, attacked.predicted());
        }
    }

    List<Example> examples(ImageSource images, CleanLogits clean, int imageSize) {
        List<Example> examples = new ArrayList<>();
        for (int sample = 0; sample < count; sample++) {
            float[] image = new float[imageSize];
            images.read(sample, FloatBuffer.wrap(image));
            int predicted = clean.predicted(sample);
            List<Example.Perturbed> perturbed = new ArrayList<>();
            for (Example.Perturbed[] ofThreat : kept) {
                perturbed.add(ofThreat[sample] == null ? new Example.Perturbed(image, predicted) : ofThreat[sample]);
            }
            examples.add(new Example(sample, images.label(sample), image, predicted, perturbed));
        }
        return examples;
    }

    void writeTo(DataOutputStream out) throws IOException {
        out.writeInt(count);
        for (int threat = 0; threat < kept.length; threat++) {
            for (int sample = 0; sample < count; sample++) {
                write(threat, sample, out);
            }
        }
    }

    /// A picture that was carried over is written once.
    private void write(int threat, int sample, DataOutputStream out) throws IOException {
        Example.Perturbed picture = kept[threat][sample];
        int first = 0;
        while (kept[first][sample] != picture) {
            first++;
        }
        out.writeInt(picture == null ? NOT_KEPT : first);
        if (picture != null && first == threat) {
            out.writeInt(picture.predicted());
            byte[] pixels = new byte[imageSize * Float.BYTES];
            ByteBuffer.wrap(pixels).asFloatBuffer().put(picture.image());
            out.write(pixels);
        }
    }

    /// @throws UnfitCheckpointException for another number of pictures, or one that was carried over from nowhere
    void readFrom(DataInputStream in) throws IOException, UnfitCheckpointException {
        int written = in.readInt();
        if (written != count) {
            throw new UnfitCheckpointException("has " + written + " pictures; the evaluation keeps " + count);
        }
        for (int threat = 0; threat < kept.length; threat++) {
            for (int sample = 0; sample < count; sample++) {
                kept[threat][sample] = read(threat, sample, in);
            }
        }
    }

    private Example.Perturbed read(int threat, int sample, DataInputStream in)
            throws IOException, UnfitCheckpointException {
        int first = in.readInt();
        if (first < NOT_KEPT || first > threat || (first >= 0 && first < threat && kept[first][sample] == null)) {
            throw new UnfitCheckpointException("has picture " + sample + " of threat " + threat + " from " + first);
        }
        if (first < threat) {
            return first == NOT_KEPT ? null : kept[first][sample];
        }
        int predicted = in.readInt();
        float[] image = new float[imageSize];
        byte[] pixels = new byte[imageSize * Float.BYTES];
        in.readFully(pixels);
        ByteBuffer.wrap(pixels).asFloatBuffer().get(image);
        return new Example.Perturbed(image, predicted);
    }
}
