package dev.assay.runtime;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.TensorInfo;
import dev.assay.computation.ProblemException;
import dev.assay.onnx.ElementType;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/// Between our element types and those of ONNX Runtime's Java binding.
final class OnnxTypes {

    private OnnxTypes() {}

    /// @throws ProblemException `unsupported-element-type` for text, which has no fixed size
    static int elementBytes(ElementType type) {
        return switch (type) {
            case UINT8, INT8, BOOL -> 1;
            case UINT16, INT16, FLOAT16, BFLOAT16 -> 2;
            case FLOAT, INT32, UINT32 -> 4;
            case DOUBLE, INT64, UINT64 -> 8;
            default ->
                throw new ProblemException(
                        "unsupported-element-type",
                        "tensor",
                        type + " elements cannot be held in a tensor",
                        "use a numeric or boolean element type of at least one byte");
        };
    }

    static OnnxTensor tensor(ElementType type, MemorySegment memory, long[] shape) {
        if (memory.byteSize() > Integer.MAX_VALUE) {
            throw new ProblemException(
                    "tensor-too-large",
                    "tensor",
                    "%s%s has %d bytes; ONNX Runtime's Java binding takes at most 2^31-1 a tensor"
                            .formatted(type, Arrays.toString(shape), memory.byteSize()),
                    "run smaller batches");
        }
        ByteBuffer buffer = memory.asByteBuffer().order(ByteOrder.nativeOrder());
        try {
            return OnnxTensor.createTensor(OrtEnvironment.getEnvironment(), buffer, shape, javaType(type));
        } catch (OrtException refused) {
            throw new IllegalStateException(
                    "ONNX Runtime refused a tensor " + type + Arrays.toString(shape) + ": " + refused.getMessage(),
                    refused);
        }
    }

    static ElementType elementType(TensorInfo info) {
        return switch (info.onnxType) {
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT -> ElementType.FLOAT;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE -> ElementType.DOUBLE;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16 -> ElementType.FLOAT16;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_BFLOAT16 -> ElementType.BFLOAT16;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8 -> ElementType.INT8;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT16 -> ElementType.INT16;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32 -> ElementType.INT32;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64 -> ElementType.INT64;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8 -> ElementType.UINT8;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT16 -> ElementType.UINT16;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT32 -> ElementType.UINT32;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT64 -> ElementType.UINT64;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL -> ElementType.BOOL;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING -> ElementType.STRING;
            default ->
                throw new ProblemException(
                        "unsupported-element-type",
                        "model",
                        "the model has a value of type " + info.onnxType,
                        "use float, double, float16, bfloat16, integer or boolean values");
        };
    }

    /// Whether ONNX Runtime's Java binding takes such elements from memory.
    static boolean isRunnable(ElementType type) {
        return switch (type) {
            case FLOAT, DOUBLE, FLOAT16, BFLOAT16, INT8, INT16, INT32, INT64, UINT8, BOOL -> true;
            default -> false;
        };
    }

    private static OnnxJavaType javaType(ElementType type) {
        return switch (type) {
            case FLOAT -> OnnxJavaType.FLOAT;
            case DOUBLE -> OnnxJavaType.DOUBLE;
            case FLOAT16 -> OnnxJavaType.FLOAT16;
            case BFLOAT16 -> OnnxJavaType.BFLOAT16;
            case INT8 -> OnnxJavaType.INT8;
            case INT16 -> OnnxJavaType.INT16;
            case INT32 -> OnnxJavaType.INT32;
            case INT64 -> OnnxJavaType.INT64;
            case UINT8 -> OnnxJavaType.UINT8;
            case BOOL -> OnnxJavaType.BOOL;
            default ->
                throw new ProblemException(
                        "unsupported-element-type",
                        "tensor",
                        "ONNX Runtime's Java binding takes no " + type + " tensors",
                        "use float, double, float16, bfloat16, int8 to int64, uint8 or boolean values");
        };
    }
}
