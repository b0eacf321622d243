package dev.assay.runtime;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.assay.computation.ProblemException;
import dev.assay.onnx.Dimension;
import dev.assay.onnx.ElementType;
import dev.assay.onnx.Graph;
import dev.assay.onnx.GraphBuilder;
import dev.assay.onnx.Node;
import dev.assay.onnx.Value;
import dev.assay.onnx.ValueInfo;
import dev.assay.runtime.ProgramOptions.MemoryArena;
import dev.assay.runtime.ProgramOptions.Optimisation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Learns the element type and the concrete shape of every value of a graph from ONNX Runtime itself: the types
/// from a session that is never run, with all values as outputs; the shapes from one run of `Shape` nodes on
/// inputs of zeros. So every operator that ONNX Runtime runs is known here, and what we say about a shape is what
/// will happen.
public final class ShapeInference {

    private static final ProgramOptions AS_WRITTEN =
            ProgramOptions.allProcessors().with(Optimisation.NONE).with(MemoryArena.RELEASE);

    private ShapeInference() {}

    /// The type of every tensor of the main graph: inputs, initializers, and all outputs of nodes, by name. Left
    /// out are the values of bodies (If, Loop, Scan), and those that are not tensors (sequences, maps).
    ///
    /// A shape that depends on the inputs' values (NonZero) is the one for zeros.
    ///
    /// @param inputShapes a shape for each input; inputs of concrete declared shape may be left out
    /// @return concrete types: every dimension is fixed
    /// @throws ProblemException `missing-tensor` if the shape of an input is neither given nor declared,
    ///     `wrong-tensor-shape`, `invalid-model`, `run-failed`
    public static Map<String, ValueInfo> concrete(Graph graph, Map<String, long[]> inputShapes) {
        Map<String, ElementType> types = computedTypes(graph);
        Map<String, ValueInfo> concrete = new LinkedHashMap<>();
        Map<String, Tensor> zeros = zeros(graph, inputShapes);
        try {
            zeros.forEach((name, tensor) -> concrete.put(name, ValueInfo.of(name, tensor.type(), tensor.shape())));
            graph.initializers()
                    .forEach((name, data) -> concrete.put(name, ValueInfo.of(name, data.type(), data.dims())));
            shapes(graph, types.keySet(), zeros)
                    .forEach((name, shape) -> concrete.put(name, ValueInfo.of(name, types.get(name), shape)));
            return concrete;
        } finally {
            zeros.values().forEach(Tensor::close);
        }
    }

    private static Map<String, ElementType> computedTypes(Graph graph) {
        GraphBuilder exposed = GraphBuilder.from(graph).withoutOutputs();
        for (Node node : graph.nodes()) {
            node.outputs().stream()
                    .filter(Value::isPresent)
                    .forEach(value -> exposed.output(ValueInfo.ofUnknownRank(value.name(), ElementType.UNDEFINED)));
        }
        OrtSession session = Sessions.open(exposed.build(), new Device.Cpu(), AS_WRITTEN);
        try {
            Map<String, ElementType> types = new LinkedHashMap<>();
            for (Map.Entry<String, NodeInfo> value : session.getOutputInfo().entrySet()) {
                if (value.getValue().getInfo() instanceof TensorInfo info) {
                    types.put(value.getKey(), OnnxTypes.elementType(info));
                }
            }
            return types;
        } catch (OrtException failure) {
            throw Sessions.refused(failure);
        } finally {
            Sessions.close(session);
        }
    }

    private static Map<String, Tensor> zeros(Graph graph, Map<String, long[]> inputShapes) {
        requireKnownInputs(graph, inputShapes);
        Map<String, Tensor> zeros = new LinkedHashMap<>();
        try {
            for (ValueInfo input : graph.inputs()) {
                zeros.put(input.name(), Tensor.allocate(input.type(), shape(input, inputShapes.get(input.name()))));
            }
            return zeros;
        } catch (RuntimeException | Error failure) {
            zeros.values().forEach(Tensor::close);
            throw failure;
        }
    }

    private static void requireKnownInputs(Graph graph, Map<String, long[]> inputShapes) {
        for (String name : inputShapes.keySet()) {
            if (graph.input(name).isEmpty()) {
                throw new ProblemException(
                        "unknown-tensor",
                        name,
                        "the model has no input '%s'".formatted(name),
                        "the model's inputs are " + graph.inputs());
            }
        }
    }

    private static long[] shape(ValueInfo input, long[] given) {
        if (given != null) {
            return given;
        }
        if (!input.isConcrete()) {
            throw new ProblemException(
                    "missing-tensor",
                    input.name(),
                    "the shape of input '%s' is not given, and the model leaves it open".formatted(input),
                    "give the shape of this input");
        }
        return input.dimensions().stream()
                .mapToLong(dimension -> ((Dimension.Fixed) dimension).length())
                .toArray();
    }

    private static Map<String, long[]> shapes(Graph graph, Iterable<String> values, Map<String, Tensor> zeros) {
        GraphBuilder shaped = GraphBuilder.from(graph).withoutOutputs();
        List<String> names = new ArrayList<>();
        List<String> outputs = new ArrayList<>();
        for (String name : values) {
            names.add(name);
            Value shape = shaped.shape(new Value(name));
            shaped.output(ValueInfo.ofUnknownRank(shape.name(), ElementType.INT64));
            outputs.add(shape.name());
        }
        Map<String, long[]> shapes = new LinkedHashMap<>();
        if (names.isEmpty()) {
            return shapes;
        }
        try (Program program = Program.compile(shaped.build(), new Device.Cpu(), AS_WRITTEN)) {
            Map<String, Tensor> results = program.run(zeros);
            for (int i = 0; i < names.size(); i++) {
                try (Tensor shape = results.get(outputs.get(i))) {
                    shapes.put(names.get(i), shape.toLongs());
                }
            }
        }
        return shapes;
    }
}
