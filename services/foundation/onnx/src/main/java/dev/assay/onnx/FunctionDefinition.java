package dev.assay.onnx;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A model-local function: a node whose operator, domain and overload are these stands for the body.
///
/// @param attributeNames attributes that a call must give
/// @param attributeDefaults attributes that a call may give, with their values when it does not
/// @param nodes in topological order
/// @param opsets version by domain
public record FunctionDefinition(
        String domain,
        String name,
        String overload,
        List<String> inputs,
        List<String> outputs,
        List<String> attributeNames,
        Map<String, Attribute> attributeDefaults,
        List<Node> nodes,
        Map<String, Integer> opsets) {

    public FunctionDefinition {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        attributeNames = List.copyOf(attributeNames);
        attributeDefaults = Collections.unmodifiableMap(new LinkedHashMap<>(attributeDefaults));
        nodes = List.copyOf(nodes);
        opsets = Collections.unmodifiableMap(new LinkedHashMap<>(opsets));
    }
}
