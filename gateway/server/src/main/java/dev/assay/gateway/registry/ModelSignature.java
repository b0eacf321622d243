package dev.assay.gateway.registry;

import dev.assay.artifact.v1.TensorSignature;
import dev.assay.computation.ProblemException;
import dev.assay.onnx.Dimension;
import dev.assay.onnx.Graph;
import dev.assay.onnx.OnnxFile;
import dev.assay.onnx.ValueInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/// What an ONNX file says of its inputs and outputs.
///
/// @param inputs without the weights
record ModelSignature(List<TensorSignature> inputs, List<TensorSignature> outputs) {

    /// Opens a model as far as is needed to trust that it is one.
    ///
    /// @param field of the request that names the file, for the message
    /// @throws ProblemException `malformed-model` when it is none or is cut off, `non-finite-weights`
    static ModelSignature of(Path file, String field) throws IOException {
        try {
            Graph graph = OnnxFile.read(file).requireFiniteInitializers();
            return new ModelSignature(signatures(graph.inputs()), signatures(graph.outputs()));
        } catch (ProblemException problem) {
            throw new ProblemException(problem.type(), field, problem.detail(), problem.remedy(), problem);
        }
    }

    private static List<TensorSignature> signatures(List<ValueInfo> values) {
        return values.stream().map(ModelSignature::signature).toList();
    }

    private static TensorSignature signature(ValueInfo value) {
        return TensorSignature.newBuilder()
                .setName(value.name())
                .setElementType(value.type().name().toLowerCase(Locale.ROOT))
                .addAllDimensions(
                        value.dimensions().stream().map(Dimension::toString).toList())
                .build();
    }
}
