package dev.assay.perturbation;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.assay.onnx.Graph;
import dev.assay.onnx.OnnxFile;
import dev.assay.runtime.Npy;
import dev.assay.runtime.Npz;
import dev.assay.runtime.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The recorded numbers of fixtures/attack: CIFAR-10 images, two small classifiers, and what PyTorch made of them.
final class Fixtures {

    private static final Path FOLDER =
            Path.of(System.getProperty("assay.fixtures", "absent")).resolve("attack");

    private Fixtures() {}

    /// Aborts the test, loudly, where the fixtures are not.
    static void require() {
        boolean present = Files.isDirectory(FOLDER);
        if (!present) {
            System.out.println("GOLDENS ABSENT: " + FOLDER + " is not there, so nothing was compared with PyTorch");
        }
        assumeTrue(present, "GOLDENS ABSENT: " + FOLDER);
    }

    static ClassifierGraph classifier(String name) throws IOException {
        Graph graph = OnnxFile.read(FOLDER.resolve(name + ".onnx"));
        return new ClassifierGraph(graph, "input", "logits", 3, 32, 32, 10, ClassifierGraph.ANY_BATCH);
    }

    /// All 256 images.
    static Images images() throws IOException {
        try (Tensor bytes = Npy.read(FOLDER.resolve("images_u8.npy"));
                Tensor labelTensor = Npy.read(FOLDER.resolve("labels_i64.npy"))) {
            byte[] values = bytes.toBytes();
            long[] labels = labelTensor.toLongs();
            float[][] pixels = new float[labels.length][3 * 32 * 32];
            int[] classes = new int[labels.length];
            for (int i = 0; i < labels.length; i++) {
                for (int j = 0; j < pixels[i].length; j++) {
                    pixels[i][j] = Byte.toUnsignedInt(values[i * pixels[i].length + j]) / 255f;
                }
                classes[i] = (int) labels[i];
            }
            return new Images(pixels, classes);
        }
    }

    static float[] floats(String file, String array) throws IOException {
        try (Npz npz = Npz.open(FOLDER.resolve(file));
                Tensor tensor = npz.read(array)) {
            return tensor.toFloats();
        }
    }

    static double[] doubles(String file, String array) throws IOException {
        try (Npz npz = Npz.open(FOLDER.resolve(file));
                Tensor tensor = npz.read(array)) {
            double[] values = new double[(int) tensor.size()];
            tensor.doubles().get(values);
            return values;
        }
    }

    static boolean[] booleans(String file, String array) throws IOException {
        try (Npz npz = Npz.open(FOLDER.resolve(file));
                Tensor tensor = npz.read(array)) {
            boolean[] values = new boolean[(int) tensor.size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = tensor.booleanAt(i);
            }
            return values;
        }
    }

    /// The numbers of the eight images of the recorded traces.
    static int[] index(String file) throws IOException {
        try (Npz npz = Npz.open(FOLDER.resolve(file));
                Tensor tensor = npz.read("index")) {
            int[] values = new int[(int) tensor.size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = (int) tensor.longAt(i);
            }
            return values;
        }
    }

    static float[] logits(String model) throws IOException {
        try (Tensor tensor = Npy.read(FOLDER.resolve(model + "_logits_f32.npy"))) {
            return tensor.toFloats();
        }
    }

    /// The accuracy over all restarts in `{model}_pgd.json`, under the key that starts and ends like this.
    static double recordedAccuracy(String model, String keyStart, String keyEnd) throws IOException {
        String json = Files.readString(FOLDER.resolve(model + "_pgd.json"));
        Matcher entry = Pattern.compile("\"%s[^\"]*%s\": \\{[^}]*?\"robust_accuracy_final_iterate\": ([0-9.]+)"
                        .formatted(Pattern.quote(keyStart), Pattern.quote(keyEnd)))
                .matcher(json);
        if (!entry.find()) {
            throw new IllegalStateException("no " + keyStart + "…" + keyEnd + " in the record of " + model);
        }
        return Double.parseDouble(entry.group(1));
    }
}
