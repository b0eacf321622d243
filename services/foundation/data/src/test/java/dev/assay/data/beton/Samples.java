package dev.assay.data.beton;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/// Random samples of every type of field.
final class Samples {

    static final List<BetonField> FIELDS = List.of(
            new BetonField.ImageField("image"),
            new BetonField.IntField("label"),
            new BetonField.FloatField("score"),
            new BetonField.BytesField("bytes"),
            new BetonField.JsonField("json"),
            new BetonField.ArrayField("array", ArrayElements.FLOAT32, 2, 3));

    private Samples() {}

    static void write(Path file, int count) throws IOException {
        try (BetonWriter writer = BetonWriter.create(file, FIELDS, count, BetonWriter.SMALLEST_PAGE_BYTES)) {
            for (int sample = 0; sample < count; sample++) {
                writer.append(random(new Random(sample)));
            }
            writer.finish();
        }
    }

    static List<BetonValue> random(Random random) {
        int width = 1 + random.nextInt(60);
        int height = 1 + random.nextInt(60);
        return List.of(
                new BetonValue.RawImage(width, height, bytes(random, 3 * width * height)),
                new BetonValue.IntValue(random.nextLong()),
                new BetonValue.FloatValue(random.nextDouble()),
                new BetonValue.Bytes(bytes(random, random.nextInt(3) * random.nextInt(400_000))),
                new BetonValue.Json("{\"text\": \"ä %d 漢\"}".formatted(random.nextInt())),
                new BetonValue.Array(bytes(random, 24)));
    }

    private static MemorySegment bytes(Random random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return MemorySegment.ofArray(bytes);
    }
}
