package dev.assay.data;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.assay.runtime.Npy;
import dev.assay.runtime.Tensor;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class AreaResizeTest {

    /// OpenCV 4.6 INTER_AREA on 24 crops (fixtures/loading/README.md): at most one level away.
    @Test
    void resizedCropsAreThoseOfOpenCv() throws IOException {
        JsonNode cases = new ObjectMapper()
                .readTree(Fixtures.file("loading/expected.json").toFile())
                .get("resize_area")
                .get("cases");
        try (Tensor expected = Npy.read(Fixtures.file("loading/resize_area.expected.npy"))) {
            int at = 0;
            for (JsonNode resize : cases) {
                int out = resize.get("out").asInt();
                int height = resize.get("h").asInt();
                int width = resize.get("w").asInt();
                byte[] found = AreaResize.resize(crop(resize, height, width), height, width, out, out);
                for (byte pixel : found) {
                    int level = Byte.toUnsignedInt(expected.bytes().get(at++));
                    assertThat(Byte.toUnsignedInt(pixel)).as("%s", resize).isBetween(level - 1, level + 1);
                }
            }
            assertThat(at).isEqualTo(expected.size());
        }
    }

    @Test
    void aUniformImageStaysUniformAtEverySize() {
        byte[] pixels = new byte[7 * 11 * 3];
        java.util.Arrays.fill(pixels, (byte) 200);
        for (int side = 1; side < 30; side++) {
            assertThat(AreaResize.resize(pixels, 7, 11, side, side)).containsOnly((byte) 200);
        }
    }

    private static byte[] crop(JsonNode resize, int height, int width) throws IOException {
        String file = "loading/photo_smart_originals." + resize.get("image").asInt() + ".npy";
        try (Tensor photo = Npy.read(Fixtures.file(file))) {
            byte[] crop = new byte[height * width * 3];
            int rowBytes = (int) photo.dimension(1) * 3;
            for (int y = 0; y < height; y++) {
                int from = (resize.get("i").asInt() + y) * rowBytes
                        + resize.get("j").asInt() * 3;
                photo.bytes().get(from, crop, y * width * 3, width * 3);
            }
            return crop;
        }
    }
}
