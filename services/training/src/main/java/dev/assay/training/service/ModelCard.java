package dev.assay.training.service;

import com.google.gson.Gson;
import dev.assay.job.v1.Provenance;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What a trained model says of itself, as the text properties of the ONNX file.
final class ModelCard {

    private ModelCard() {}

    /// `assay.version`, `assay.seed`, `assay.input_range`, the digest of what it was trained on under
    /// `assay.trained_on.<field>`, and `assay.class_names` (a JSON array in the order of the logits) when they
    /// are known.
    static Map<String, String> properties(List<String> classNames, Provenance provenance) {
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("assay.version", provenance.getProductVersion());
        properties.put("assay.seed", Integer.toUnsignedString(provenance.getSeed()));
        properties.put("assay.input_range", "[0,1]");
        provenance.getInputsMap().forEach((field, digest) -> properties.put("assay.trained_on." + field, digest));
        if (!classNames.isEmpty()) {
            properties.put("assay.class_names", new Gson().toJson(classNames));
        }
        return properties;
    }
}
