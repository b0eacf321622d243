package dev.assay.runtime;

import ai.onnxruntime.OnnxTensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The tensors of one run, kept from being freed until it has ended.
final class RunTensors implements AutoCloseable {

    final Map<String, OnnxTensor> given;
    final Map<String, OnnxTensor> pinned;
    private final List<Tensor> held;

    RunTensors(Map<String, Tensor> given, Map<String, Tensor> pinned) {
        this.given = HashMap.newHashMap(given.size());
        this.pinned = HashMap.newHashMap(pinned.size());
        this.held = new ArrayList<>(given.size() + pinned.size());
        try {
            hold(given, this.given);
            hold(pinned, this.pinned);
        } catch (RuntimeException | Error failure) {
            close();
            throw failure;
        }
    }

    @Override
    public void close() {
        held.forEach(Tensor::release);
    }

    private void hold(Map<String, Tensor> tensors, Map<String, OnnxTensor> target) {
        for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
            entry.getValue().hold();
            held.add(entry.getValue());
            target.put(entry.getKey(), entry.getValue().onnx());
        }
    }
}
