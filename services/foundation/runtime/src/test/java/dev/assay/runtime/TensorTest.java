package dev.assay.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.computation.ProblemException;
import dev.assay.onnx.ElementType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TensorTest {

    @Test
    void aNewTensorHoldsZeros() {
        try (Tensor tensor = Tensor.allocate(ElementType.FLOAT, 2, 3)) {
            assertThat(tensor.toFloats()).containsExactly(0, 0, 0, 0, 0, 0);
            assertThat(tensor.size()).isEqualTo(6);
            assertThat(tensor.byteSize()).isEqualTo(24);
        }
    }

    @Test
    void aSliceSharesTheMemoryOfItsTensor() {
        try (Tensor tensor = Tensor.ofFloats(new float[] {1, 2, 3, 4, 5, 6}, 3, 2);
                Tensor middle = tensor.slice(1, 1)) {
            assertThat(middle.shape()).containsExactly(1, 2);
            assertThat(middle.toFloats()).containsExactly(3, 4);
            middle.floats().put(0, 30);
            assertThat(tensor.floatAt(2)).isEqualTo(30);
        }
    }

    @Test
    void aSliceOfASliceStillPointsIntoTheRoot() {
        try (Tensor tensor = Tensor.ofLongs(new long[] {0, 1, 2, 3, 4}, 5);
                Tensor tail = tensor.slice(1, 4);
                Tensor inner = tail.slice(2, 2)) {
            assertThat(inner.toLongs()).containsExactly(3, 4);
        }
    }

    @Test
    void aSliceBeyondTheEndIsRefused() {
        try (Tensor tensor = Tensor.allocate(ElementType.FLOAT, 3, 2);
                Tensor scalar = Tensor.allocate(ElementType.FLOAT)) {
            assertThatThrownBy(() -> tensor.slice(2, 2)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> tensor.slice(-1, 1)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> scalar.slice(0, 1)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void aCopyHasItsOwnMemory() {
        try (Tensor tensor = Tensor.ofLongs(new long[] {7, 8}, 2);
                Tensor copy = Tensor.copyOf(tensor)) {
            tensor.longs().put(0, -1);
            assertThat(copy.toLongs()).containsExactly(7, 8);
        }
    }

    @Test
    void aClosedTensorAndItsViewsRefuseToBeRead() {
        Tensor tensor = Tensor.allocate(ElementType.FLOAT, 4);
        Tensor view = tensor.slice(0, 2);
        Tensor reshaped = tensor.reshaped(2, 2);
        tensor.close();
        tensor.close();
        assertThatThrownBy(tensor::memory).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(view::floats).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(reshaped::toFloats).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void memoryIsFreedOnlyWhenNoRunHoldsIt() {
        Tensor tensor = Tensor.ofFloats(new float[] {5}, 1);
        MemorySegment memory = tensor.memory();
        tensor.hold();
        tensor.close();
        assertThat(memory.scope().isAlive()).isTrue();
        tensor.release();
        assertThat(memory.scope().isAlive()).isFalse();
    }

    @Test
    void aTensorInAnArenaIsFreedByTheArena() {
        MemorySegment memory;
        try (Arena arena = Arena.ofShared()) {
            Tensor tensor = Tensor.allocate(arena, ElementType.DOUBLE, 2);
            memory = tensor.memory();
            tensor.close();
            assertThat(memory.scope().isAlive()).isTrue();
        }
        assertThat(memory.scope().isAlive()).isFalse();
    }

    @Test
    void aViewOfAnotherTypeIsRefused() {
        try (Tensor tensor = Tensor.allocate(ElementType.INT64, 2)) {
            assertThatThrownBy(tensor::floats)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("INT64[2]")
                    .hasMessageContaining("FLOAT");
        }
    }

    @Test
    void absurdShapesAreRefusedBeforeAllocation() {
        assertThatThrownBy(() -> Tensor.allocate(ElementType.FLOAT, 2, -1))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("-1");
        assertThatThrownBy(() -> Tensor.allocate(ElementType.FLOAT, 1L << 40, 1L << 40))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("2^63");
        assertThatThrownBy(() -> Tensor.allocate(ElementType.DOUBLE, 1L << 61)).isInstanceOf(ProblemException.class);
    }

    @Test
    void valuesThatDoNotFillTheShapeAreRefused() {
        assertThatThrownBy(() -> Tensor.ofFloats(new float[3], 2, 2)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @EnumSource(
            value = ElementType.class,
            names = {"FLOAT", "DOUBLE", "FLOAT16", "BFLOAT16", "INT8", "INT16", "INT32", "INT64", "UINT8", "BOOL"})
    void onnxRuntimeTakesTheMemoryOfEveryTypeWithoutACopy(ElementType type) {
        try (Tensor tensor = Tensor.allocate(type, 2, 0, 3);
                Tensor filled = Tensor.allocate(type, 2, 3)) {
            assertThat(tensor.onnx().getInfo().getShape()).containsExactly(2, 0, 3);
            assertThat(OnnxTypes.elementType(filled.onnx().getInfo())).isEqualTo(type);
            filled.memory().fill((byte) 1);
            assertThat(filled.onnx().getByteBuffer().get(0)).isEqualTo((byte) 1);
        }
    }
}
