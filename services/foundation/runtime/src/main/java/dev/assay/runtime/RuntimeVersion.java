package dev.assay.runtime;

import ai.onnxruntime.OrtEnvironment;

/// What computed a result, for its provenance.
public final class RuntimeVersion {

    private RuntimeVersion() {}

    /// As in `ONNX Runtime 1.29.0`; asked of the native library itself.
    public static String current() {
        return "ONNX Runtime " + OrtEnvironment.getEnvironment().getVersion();
    }
}
