package dev.assay.runtime;

import ai.onnxruntime.OnnxTensor;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.function.Supplier;

/// The memory of a tensor and of its views, and what ONNX Runtime keeps for them. Freed when its tensor is closed
/// and no run holds it any more: native code must never meet freed memory.
final class TensorMemory {

    private final Runnable free;
    private final Set<OnnxTensor> handles = Collections.newSetFromMap(new IdentityHashMap<>());
    private int holds;
    private boolean closed;

    TensorMemory(Runnable free) {
        this.free = free;
    }

    synchronized boolean isClosed() {
        return closed;
    }

    synchronized void hold() {
        if (closed) {
            throw new IllegalStateException("the tensor's memory is closed");
        }
        holds++;
    }

    synchronized void release() {
        holds--;
        freeWhenUnused();
    }

    synchronized void close() {
        closed = true;
        freeWhenUnused();
    }

    synchronized OnnxTensor register(OnnxTensor handle) {
        handles.add(handle);
        return handle;
    }

    /// Drops a closed view's handle at once if nothing runs; otherwise it goes with the memory.
    synchronized void forget(Supplier<OnnxTensor> view) {
        if (holds > 0 || closed) {
            return;
        }
        OnnxTensor handle = view.get();
        if (handle != null && handles.remove(handle)) {
            handle.close();
        }
    }

    private void freeWhenUnused() {
        if (closed && holds == 0) {
            handles.forEach(OnnxTensor::close);
            handles.clear();
            free.run();
        }
    }
}
