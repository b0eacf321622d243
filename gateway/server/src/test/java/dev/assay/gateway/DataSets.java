package dev.assay.gateway;

import dev.assay.computation.Progress;
import dev.assay.data.BetonImages;
import dev.assay.data.LabelledImages;
import dev.assay.onnx.ElementType;
import dev.assay.runtime.Npz;
import dev.assay.runtime.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.LongStream;

/// Small data sets of black images [1,8,8] for tests.
final class DataSets {

    private DataSets() {}

    /// The labels count from 0 to `classes` - 1 and begin again.
    static byte[] npz(int samples, int classes) throws IOException {
        return npz(samples, labels(samples, classes));
    }

    static byte[] npz(int samples, long[] labels) throws IOException {
        return file(target -> {
            try (Tensor images = Tensor.allocate(ElementType.UINT8, samples, 8, 8);
                    Tensor numbers = Tensor.ofLongs(labels, labels.length)) {
                Npz.write(target, Map.of("images", images, "labels", numbers));
            }
        });
    }

    static byte[] beton(int samples, int classes) throws IOException {
        return file(target -> {
            Tensor images = Tensor.allocate(ElementType.UINT8, samples, 1, 8, 8);
            try (LabelledImages data = LabelledImages.of(images, labels(samples, classes))) {
                BetonImages.write(data, target, Progress.SILENT);
            }
        });
    }

    private interface Writing {
        void into(Path target) throws IOException;
    }

    private static byte[] file(Writing writing) throws IOException {
        Path folder = Files.createTempDirectory("assay-data-set");
        Path target = folder.resolve("data");
        try {
            writing.into(target);
            return Files.readAllBytes(target);
        } finally {
            Files.deleteIfExists(target);
            Files.delete(folder);
        }
    }

    private static long[] labels(int samples, int classes) {
        return LongStream.range(0, samples).map(sample -> sample % classes).toArray();
    }
}
