package dev.assay.autodiff;

import dev.assay.autodiff.rules.GradientBuilder;
import dev.assay.onnx.Dimension;
import dev.assay.onnx.ValueInfo;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/// The concrete type of every value of a graph, in the forms in which it is needed.
final class Typing {

    private Typing() {}

    static long[] shape(ValueInfo info) {
        return info.dimensions().stream()
                .mapToLong(dimension -> ((Dimension.Fixed) dimension).length())
                .toArray();
    }

    static Map<String, GradientBuilder.Type> forRules(Map<String, ValueInfo> types) {
        Map<String, GradientBuilder.Type> result = HashMap.newHashMap(types.size());
        types.forEach((name, info) -> result.put(
                name,
                new GradientBuilder.Type(
                        info.type(), Arrays.stream(shape(info)).boxed().toList())));
        return result;
    }
}
