package dev.assay.autodiff;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.assay.onnx.Graph;
import dev.assay.onnx.OnnxFile;
import dev.assay.runtime.Device;
import dev.assay.runtime.Npz;
import dev.assay.runtime.Program;
import dev.assay.runtime.ProgramOptions;
import dev.assay.runtime.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/// The recorded gradients of fixtures/autodiff, and how they are run and compared.
final class Fixtures {

    private Fixtures() {}

    static Path folder(String name) {
        Path folder = Path.of(System.getProperty("assay.fixtures", "absent"), "autodiff", name);
        if (!Files.isDirectory(folder)) {
            System.out.println("GOLDENS ABSENT: no fixtures at " + folder);
        }
        assumeTrue(Files.isDirectory(folder), "fixtures at " + folder);
        return folder;
    }

    static JsonNode index(String name) {
        try {
            return new ObjectMapper()
                    .readTree(folder(name).resolve("index.json").toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Graph model(String folder, String name) throws IOException {
        return OnnxFile.read(folder(folder).resolve(name + ".onnx"));
    }

    /// All arrays of a recorded case.
    static Map<String, Tensor> arrays(String folder, String name) throws IOException {
        Map<String, Tensor> arrays = new LinkedHashMap<>();
        try (Npz npz = Npz.open(folder(folder).resolve(name + ".npz"))) {
            for (String array : npz.names()) {
                arrays.put(array, npz.read(array));
            }
        }
        return arrays;
    }

    static Map<String, Tensor> run(Graph graph, Map<String, Tensor> inputs) {
        try (Program program = Program.compile(graph, new Device.Cpu(), ProgramOptions.singleThreaded())) {
            return program.run(inputs);
        }
    }

    /// The arrays that the graph takes, by the names of its inputs.
    static Map<String, Tensor> inputs(Graph graph, Map<String, Tensor> arrays) {
        Map<String, Tensor> inputs = new HashMap<>();
        graph.inputs().forEach(input -> {
            Tensor array = arrays.getOrDefault("input." + input.name(), arrays.get(input.name()));
            if (array != null) {
                inputs.put(input.name(), array);
            }
        });
        return inputs;
    }

    static Map<String, long[]> shapes(Map<String, Tensor> inputs) {
        Map<String, long[]> shapes = new HashMap<>();
        inputs.forEach((name, tensor) -> shapes.put(name, tensor.shape()));
        return shapes;
    }

    static double[] doubles(Tensor tensor) {
        double[] values = new double[Math.toIntExact(tensor.size())];
        switch (tensor.type()) {
            case FLOAT -> {
                for (int i = 0; i < values.length; i++) {
                    values[i] = tensor.floatAt(i);
                }
            }
            case DOUBLE -> tensor.doubles().get(values);
            default -> throw new IllegalArgumentException("gradient of type " + tensor.type());
        }
        return values;
    }

    /// ‖a − b‖ / ‖b‖.
    static double relativeError(Tensor actual, Tensor expected) {
        double[] a = doubles(actual);
        double[] b = doubles(expected);
        double difference = 0;
        double norm = 0;
        for (int i = 0; i < b.length; i++) {
            difference += (a[i] - b[i]) * (a[i] - b[i]);
            norm += b[i] * b[i];
        }
        return norm == 0 ? Math.sqrt(difference) : Math.sqrt(difference / norm);
    }
}
