package dev.assay.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.computation.ProblemException;
import dev.assay.computation.Progress;
import dev.assay.onnx.ElementType;
import dev.assay.runtime.Npz;
import dev.assay.runtime.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataSetOutlineTest {

    @TempDir
    Path folder;

    @Test
    void anArchiveAndItsBetonSayTheSameAsTheOpenedDataSet() throws IOException {
        Path npz = npz(Tensor.allocate(ElementType.UINT8, 5, 4, 6, 3), 0, 1, 2, 0, 1);
        Path beton = folder.resolve("data.beton");
        try (LabelledImages images = LabelledImages.open(npz)) {
            BetonImages.write(images, beton, Progress.SILENT);
            DataSetOutline expected = new DataSetOutline(images.count(), images.imageShape(), images.classes());

            assertThat(expected).isEqualTo(new DataSetOutline(5, new ImageShape(3, 4, 6), 3));
            assertThat(DataSetOutline.of(npz)).isEqualTo(expected);
            assertThat(DataSetOutline.of(beton)).isEqualTo(expected);
        }
    }

    @Test
    void whatShowsWithoutThePixelsIsRefused() throws IOException {
        assertRefused("wrong-images", npz(Tensor.allocate(ElementType.UINT8, 2, 4), 0, 1));
        assertRefused("wrong-labels", npz(Tensor.allocate(ElementType.UINT8, 2, 4, 4), 0, 1, 1));
        assertRefused("empty-data-set", npz(Tensor.allocate(ElementType.UINT8, 0, 4, 4)));
        assertRefused("label-out-of-range", npz(Tensor.allocate(ElementType.UINT8, 2, 4, 4), 0, -1));
    }

    private static void assertRefused(String type, Path file) {
        assertThatThrownBy(() -> DataSetOutline.of(file))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        problem -> assertThat(problem.type()).isEqualTo(type));
    }

    private Path npz(Tensor images, long... labels) throws IOException {
        Path file = folder.resolve("data.npz");
        try (images;
                Tensor numbers = Tensor.ofLongs(labels, labels.length)) {
            Npz.write(file, Map.of("images", images, "labels", numbers));
        }
        return file;
    }
}
